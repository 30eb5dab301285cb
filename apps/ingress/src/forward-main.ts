import { parentPort, workerData } from 'node:worker_threads'
import { JournalError, openJournalReader } from '@baton/journal'
import { CatchUp, DriftKeeper, Forwarder, IntakeWriter, JournalWatch, QuarantineWriters, Queues, Rewinder, checkRedis, connectRedis, redisRoom, registerJournal, type RedisRoom, type RewindSource } from '@baton/queue'
import { createLogger } from '@baton/runtime'
import { shared, type ForwardOrder, type ForwardReport, type ForwardTask } from './forward-task.ts'

// The thread that forwards: from the journal into Redis, off the path of the callbacks. It ends by order only; whatever Redis answers, it tries again.
const task: ForwardTask = workerData
const log = createLogger('forwarder', task.level)
const numbers = shared(task.numbers)
const journal = openJournalReader(task.folder)
const { id } = journal
const redis = connectRedis(task.redisUrl, 'producer', log)
const queues = new Queues(redis)

/** Between two looks at Redis, in ms; and where the journal has no room left, as new events may already be refused. */
const interval = 1_000
const urgentInterval = 100
/** However long looks take, so many times as long is left to forwarding. */
const lookShare = 9
/** How long a command may take before the connection is given up, in ms: Redis, or the way to it, hangs. */
const commandPatience = 5_000
/** The same of a look: many commands, which grow with what is not settled. */
const lookPatience = 30_000

const tell = (report: ForwardReport) => { parentPort?.postMessage(report) }

const quarantines = new QuarantineWriters({ redis, log, settled: entries => { tell({ type: 'quarantined', ...entries }) } })

const drift = new DriftKeeper({ redis, log, told: counts => { tell({ type: 'drift', ...counts }) } })

const ordered = { close: false }
let failures = 0
let wake = () => {}
parentPort?.on('message', (order: ForwardOrder) => {
  if (typeof order === 'object') return 'drift' in order ? drift.add(order.drift) : quarantines.add(order.quarantine)
  if (order === 'close') ordered.close = true
  wake()
})

const watch = new JournalWatch(redis, id, { settledTo: numbers.settledTo.get(), notes: journal.notes('') })
const source: RewindSource = {
  id,
  flushed: numbers.flushed.get,
  settledTo: numbers.settledTo.get,
  wasForwarded: () => numbers.settledTo.get() > 0 || watch.hasNotes,
  firstSince: time => journal.firstSince(time),
  read: (after, limit) => {
    for (let from = after; ;) {
      try {
        return journal.read(from, numbers.flushed.get(), limit)
      } catch (error) {
        if (!(error instanceof JournalError) || error.seq === undefined) throw error
        log.error({ err: error, seq: error.seq, alert: 'JOURNAL_RECORD_UNREADABLE' }, 'a record of the journal cannot be read; it is passed over, and kept')
        from = error.seq
      }
    }
  }
}
/** What was on disk when it was last tried to forward. */
let tried = 0
const writer = new IntakeWriter(queues)
const forwarder = new Forwarder(queues, source, writer)
const catchUp = new CatchUp(queues, source, log)
const rewinder = new Rewinder(queues, writer, source, log)

/** Sleeps for so many ms, or until it is woken: by an order to close, and where there is nothing to do by the next event. */
async function sleep (milliseconds: number, { untilNext = false } = {}): Promise<void> {
  if (ordered.close) return
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, milliseconds)
    wake = () => {
      clearTimeout(timer)
      resolve()
    }
    if (!untilNext) return
    numbers.sleeping()
    // What was appended before we said that we sleep woke nobody. (The position says less: the last records may be unreadable.)
    if (numbers.flushed.get() > tried) wake()
  })
}

/** Rejects when Redis says nothing for too long, and parts with the connection, which still holds what was not answered. */
async function patiently<T> (work: Promise<T>, patience = commandPatience): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      redis.disconnect(true)
      reject(new Error(`Redis did not answer within ${patience} ms`))
    }, patience)
  })
  return await Promise.race([work, late]).finally(() => { clearTimeout(timer) })
}

let checked = false
/** On the clock of `performance.now`. */
let nextLook = 0
/** The last look came to its end. */
let lookedWell = false
/** Redis is as full as it may be. */
let full = false
/** Redis has lost its data, and is to be told what the journal has noted before anything else. */
let empty = false
let unprotected = 0
let room: RedisRoom | undefined
let stoppedSince: number | null = null
/** The journal holds more unsettled events than it has room for. */
let pressed = false

/** Once in a while: a sign of life, what has been settled meanwhile, who is to catch up, and what operators have ordered. */
async function lookWhenDue (): Promise<void> {
  const began = performance.now()
  if (began < nextLook) return
  nextLook = Infinity // one that hangs is not joined by others
  lookedWell = false
  try {
    await look()
    lookedWell = true
  } finally {
    const ended = performance.now()
    nextLook = ended + Math.max(pressed ? urgentInterval : interval, lookShare * (ended - began))
  }
}

async function look (): Promise<void> {
  room = await redisRoom(redis, task.redisMemory)
  const { used, bound } = room
  if (full !== (used > bound)) {
    if (full) log.info('Redis has room again; events are forwarded')
    else log.error({ used, bound, alert: 'REDIS_FULL' }, 'Redis is as full as it may be; events wait in the journal until targets have taken some, see `baton status`')
  }
  full = used > bound
  tell({ type: 'state', stoppedSince, room })
  const { position } = forwarder
  await giveSign(position ?? 0)
  if (position !== undefined) {
    await seeSettled(position)
    await rewinder.look(position)
  }
  if (!full) await drift.write() // last of all: nothing waits for it
}

function tellState (stopped: boolean): void {
  if (stopped === (stoppedSince !== null)) return
  stoppedSince = stopped ? Date.now() : null
  tell({ type: 'state', stoppedSince, room })
}

async function giveSign (position: number): Promise<void> {
  const { depth, unsettled, oldestUnsettledAt, bytes } = journal.stats()
  await registerJournal(redis, id, {
    at: Date.now(),
    depth,
    unsettled: unsettled + unprotected,
    unforwarded: Math.max(0, numbers.flushed.get() - position),
    oldestUnsettledAt,
    unsettledBytes: bytes.unsettled,
    retainedBytes: bytes.retained,
    unprotected
  })
}

async function seeSettled (position: number): Promise<void> {
  const { trimmedTo, settledTo: released } = journal.bounds()
  const view = await watch.look({ pointer: position, noted: numbers.settledTo.get(), trimmedTo })
  if (view === undefined) return
  const { settledTo, notes } = view
  const surplusTo = journal.surplusTo(task.unsettledQuota)
  // What Redis has, the journal may forget where it has no room for it; nothing else.
  const before = Math.max(settledTo, released)
  pressed = surplusTo > before
  await catchUp.plan(view, pressed ? surplusTo : 0)
  const releasedTo = pressed ? Math.max(before, Math.min(surplusTo, view.placedTo())) : before
  const exposed = view.unsettledTo(releasedTo)
  if (exposed > 0 && unprotected === 0) {
    log.error({ events: exposed, alert: 'EVENTS_UNPROTECTED' }, 'the journal has no more room for events that wait for their targets, and may forget the oldest: Redis alone has them; see which target lags with `baton status`, or raise JOURNAL_UNSETTLED')
  }
  unprotected = exposed
  tell({ type: 'seen', settledTo, releasedTo, unprotected, notes })
}

/** New events first; in between, slices of what targets have to catch up with and of what is rewound. */
async function forwardOnce (): Promise<void> {
  if (redis.status !== 'ready') throw new Error('there is no connection to Redis')
  if (!checked) await checkRedis(redis, task.redisUrl)
  checked = true
  if (empty) await patiently(watch.restore())
  empty = false
  await patiently(lookWhenDue(), lookPatience)
  if (full) {
    tellState(true)
    return await sleep(interval)
  }
  tried = numbers.flushed.get()
  const step = await patiently(forwarder.step())
  if (lookedWell) tellState(false) // a Redis that refuses writes answers a step that only reads; it works again once it has taken our sign of life
  switch (step.kind) {
    case 'resynced':
      empty = step.lost
      if (step.lost) log.error({ from: step.position, alert: 'REDIS_LOST_DATA' }, 'Redis has lost its data; everything that is not settled is forwarded again')
      return
    case 'ahead':
      tell({ type: 'ahead', position: step.position })
      return await sleep(60_000) // another thread takes over, with another id
    case 'forwarded':
      tell({ type: 'forwarded', events: step.events, to: step.to })
      break
    case 'idle':
  }
  const busy = [await patiently(catchUp.step()), await patiently(rewinder.step())].includes(true)
  if (step.kind === 'idle' && !busy) await sleep(interval, { untilNext: true })
}

// A connection takes its time; that it is not there in the first moment is no alert.
redis.once('ready', () => { wake() })
await sleep(interval)

while (!ordered.close) {
  try {
    await forwardOnce()
    if (!lookedWell) continue // a read alone says nothing of a Redis that refuses writes
    if (failures > 1) log.info('events are forwarded again')
    failures = 0
  } catch (error) {
    failures += 1
    tellState(true)
    if (failures === 1) log.error({ err: error, alert: 'FORWARDING_STOPPED' }, 'events are not forwarded; they wait in the journal, and it is tried again')
    await sleep(Math.min(50 * 2 ** failures, interval))
  }
}
await Promise.all([quarantines.close(), drift.write()])
redis.disconnect()
await journal.close()
process.exit() // of this thread alone; BullMQ would hold on to a connection that is being made
