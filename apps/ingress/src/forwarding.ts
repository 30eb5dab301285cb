import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Journal } from '@baton/journal'
import { notedSettledTo, type DriftReport, type RedisRoom } from '@baton/queue'
import type { Logger } from '@baton/runtime'
import { QuarantineHandover, type Quarantine } from './quarantine-handover.ts'
import { shared, sharedNumbers, type ForwardOrder, type ForwardReport, type ForwardTask } from './forward-task.ts'

export interface Forwarding {
  /** To be called after each append. */
  appended: () => void
  /** How many events were forwarded by this process, and in how many intake jobs. */
  readonly forwarded: number
  readonly jobs: number
  /** Since when nothing can be forwarded, in ms since 1970; null while it can be, left out while that is not known. */
  readonly stoppedSince?: number | null | undefined
  /** Redis's memory as last seen; left out while that is not known. */
  readonly room?: RedisRoom | undefined
  /** Events that are not settled and that the journal may forget all the same, for want of room: Redis alone has them. */
  readonly unprotected: number
  quarantine: Quarantine
  /** Has Redis keep what callbacks had that their documentation does not say. */
  reportDrift: (report: DriftReport) => void
  /** Deviations that nobody had seen before, and sightings of deviations that are not listed. */
  readonly drift: { fresh: number, unlisted: number }
  /** Finishes the batch in flight. */
  close: () => Promise<void>
}

/** ms after which a thread that died is started again. */
const restartDelay = 1_000
/** ms in which the batch in flight must be through. */
const closePatience = 3_000

/** Always the built one, also where this file itself is run from source. */
const threadFile = fileURLToPath(new URL('./forward-main.js', import.meta.resolve('@baton/ingress')))

/** Runs the thread that forwards, starts it again should it die, and lets the journal know what is settled. */
export function startForwarding (journal: Journal, { log, ...given }: Omit<ForwardTask, 'numbers'> & { log: Logger }): Forwarding {
  const task = { ...given, numbers: sharedNumbers() }
  const numbers = shared(task.numbers)
  numbers.flushed.set(journal.flushed)
  numbers.settledTo.set(notedSettledTo(journal.id, key => journal.recall(key)) ?? journal.settledTo)
  let forwarded = 0
  let jobs = 0
  let unprotected = 0
  let stoppedSince: number | null | undefined
  let room: RedisRoom | undefined
  /** What the thread has seen last, and is not noted yet. */
  let seen: Extract<ForwardReport, { type: 'seen' }> | undefined
  let seeing = false
  /** What could not be noted yet. */
  let unnoted = new Map<string, string | null>()
  let told = journal.flushed
  let closing = false
  let position = 0
  const drift = { fresh: 0, unlisted: 0 }
  const quarantine = new QuarantineHandover((entry, transfer) => { thread.postMessage({ quarantine: entry } satisfies ForwardOrder, transfer) }, log)
  let thread = start()

  /** One at a time: while a disk hangs, reports are joined instead of piling up. */
  async function seeInTurn (): Promise<void> {
    if (seeing) return
    seeing = true
    for (let next = seen; next !== undefined; next = seen) {
      seen = undefined
      await see(next)
    }
    seeing = false
  }

  async function see ({ settledTo, releasedTo, notes }: Extract<ForwardReport, { type: 'seen' }>): Promise<void> {
    const all = new Map([...unnoted, ...notes])
    unnoted = all
    try {
      if (all.size > 0) await journal.rememberAll(all)
      if (unnoted === all) unnoted = new Map()
      if (releasedTo > journal.settledTo) await journal.settle(releasedTo)
      numbers.settledTo.set(settledTo)
      await journal.trim(Math.max(position, journal.settledTo))
    } catch (err) {
      log.error({ err }, 'the journal could not note what is settled; it is tried again')
    }
  }

  async function renew (ahead: number): Promise<void> {
    log.error({ journal: journal.id, redis: ahead, flushed: journal.flushed, alert: 'JOURNAL_ROLLED_BACK' }, 'Redis knows of events that this journal has not: its volume was rolled back. It goes on under a new id')
    await journal.renew()
    await thread.terminate() // 'exit' starts the next one
  }

  function start (): Worker {
    quarantine.abandoned()
    const worker = new Worker(threadFile, { workerData: task satisfies ForwardTask })
    worker.on('message', (report: ForwardReport) => {
      switch (report.type) {
        case 'forwarded':
          forwarded += report.events
          jobs += 1
          position = report.to
          return
        case 'state':
          stoppedSince = report.stoppedSince
          room = report.room
          return
        case 'seen':
          unprotected = report.unprotected
          seen = { ...report, notes: new Map([...seen?.notes ?? [], ...report.notes]) }
          return void seeInTurn()
        case 'quarantined': return quarantine.settled(report)
        case 'drift':
          drift.fresh += report.fresh
          drift.unlisted += report.unlisted
          return
        case 'ahead': return void renew(report.position).catch((err: unknown) => { log.error({ err }, 'the journal could not be renewed') })
      }
    })
    worker.on('error', err => { log.error({ err, alert: 'FORWARDER_DIED' }, 'the forwarder died; it is started again') })
    worker.on('exit', () => {
      stoppedSince ??= Date.now()
      if (!closing) setTimeout(() => { if (!closing) thread = start() }, restartDelay)
    })
    return worker
  }

  const order = (given: ForwardOrder) => { thread.postMessage(given) }
  return {
    appended: () => {
      if (journal.flushed === told) return // of the many that share a commit, the first has told it
      told = journal.flushed
      numbers.flushed.set(told)
      if (numbers.takeSleep()) order('wake')
    },
    get forwarded () { return forwarded },
    get jobs () { return jobs },
    get unprotected () { return unprotected },
    get stoppedSince () { return stoppedSince },
    get room () { return room },
    quarantine,
    reportDrift: report => { order({ drift: report }) },
    drift,
    close: async () => {
      closing = true
      if (thread.threadId !== -1) { // a thread that just died is not waited for
        const exited = once(thread, 'exit')
        order('close')
        const timer = setTimeout(() => { void thread.terminate() }, closePatience)
        await exited
        clearTimeout(timer)
      }
      quarantine.abandoned()
    }
  }
}
