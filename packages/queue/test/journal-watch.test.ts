import t, { type Test } from 'tap'
import { createLogger } from '@baton/runtime'
import { anEvent, arrayJournal, redisServer, workerSign } from '@baton/testing'
import type { JournalledEvent } from '@baton/contracts'
import { Backlogs, CatchUp, Forwarder, IntakeWriter, JournalWatch, Queues, Rewinder, connectRedis, consume, deadAmong, intakeQueue, markRouted, markSettled, orderRewind, registerJournal, giveSign, rewindParts, settledAmong, targetQueue, untilReady } from '../src/index.ts'

const log = createLogger('test', 'silent')
const target = (name: string, { backlog = 10_000, maxAge = 60_000 } = {}) => ({ name, backlog, maxAge })
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at)

/** A journal of so many events, forwarded into a Redis of the test's own, and whoever watches it. */
async function watched (t: Test, { events = 10, targets = [target('crm'), target('warehouse')] } = {}) {
  const { url } = await redisServer(t)
  const redis = connectRedis(url, 'consumer', log)
  const queues = new Queues(redis)
  t.teardown(async () => {
    await queues.close()
    redis.disconnect()
  })
  await untilReady(redis, url, 5_000)
  await giveSign(redis, workerSign, targets, 'activate')
  const journal = arrayJournal(...Array.from({ length: events }, () => anEvent()))
  const forwarder = new Forwarder(queues, journal)
  const forward = async () => { while (!['idle', 'ahead'].includes((await forwarder.step()).kind)); }
  await forward()
  const at = (...seqs: number[]) => seqs.map(seq => ({ journal: journal.id, seq }))
  const event = (seq: number): JournalledEvent => ({ ...journal.events[seq - 1] ?? anEvent(), journal: journal.id, seq })
  /** As the journal keeps them. */
  const notes = new Map<string, string>()
  const watcher = (settledTo = 0) => new JournalWatch(redis, journal.id, { settledTo, notes })
  const look = async (watch: JournalWatch, { pointer = journal.events.length, noted = 0, trimmedTo = 0 } = {}) => {
    const view = await watch.look({ pointer, noted, trimmedTo })
    for (const [key, note] of view?.notes ?? []) {
      if (note === null) notes.delete(key)
      else notes.set(key, note)
    }
    return view
  }
  const gapsOf = (view: Awaited<ReturnType<typeof look>>, name: string) => [...view?.targets.find(other => other.name === name)?.gaps() ?? []]
  /** Numbers of the events in a target's queue. */
  const inQueue = async (name: string) => (await queues.get(targetQueue(name)).getJobs(['wait', 'delayed', 'active'])).flatMap(job => job.data.events.map(({ seq }) => seq)).sort((a, b) => a - b)
  return { redis, queues, journal, forwarder, forward, at, event, notes, watcher, look, gapsOf, inQueue }
}

t.test('settled is what every target has settled, without a gap', async t => {
  const { redis, at, watcher, look } = await watched(t)
  const watch = watcher()
  const reached = async () => (await look(watch))?.settledTo
  t.equal(await reached(), 0)
  await markSettled(redis, 'crm', at(...upTo(10)))
  await markSettled(redis, 'warehouse', at(1, 2, 4, 5))
  t.equal(await reached(), 2)
  await markSettled(redis, 'warehouse', at(3))
  t.equal(await reached(), 5)
  await markSettled(redis, 'warehouse', at(...upTo(10, 6)))
  t.equal(await reached(), 10)
})

t.test('without targets nothing is ever settled', async t => {
  const { redis, at, watcher, look } = await watched(t, { targets: [] })
  await markSettled(redis, 'crm', at(...upTo(10)))
  t.equal((await look(watcher()))?.settledTo, 0)
})

t.test('a target that comes later does not hold back what was there before it', async t => {
  const { redis, journal, forward, at, watcher, look, gapsOf } = await watched(t, { events: 3, targets: [target('crm')] })
  await registerJournal(redis, journal.id, { at: Date.now(), depth: 3, unsettled: 3, unforwarded: 0, oldestUnsettledAt: null, unsettledBytes: 0, retainedBytes: 0, unprotected: 0 })
  await markSettled(redis, 'crm', at(1, 2, 3))
  await markRouted(redis, at(1, 2))
  await giveSign(redis, workerSign, [target('crm'), target('late')], 'activate')
  const watch = watcher()
  t.equal((await look(watch))?.settledTo, 2, 'what was in intake is its own')
  journal.events.push(anEvent())
  await forward()
  await markSettled(redis, 'crm', at(4))
  await markRouted(redis, at(3, 4))
  const view = await look(watch)
  t.equal(view?.settledTo, 2, 'and what comes from then on')
  t.same(gapsOf(view, 'late'), [{ seq: 3, revived: false }, { seq: 4, revived: false }])
})

t.test('what Redis has lost of a journal it is told again, dead letters among it', async t => {
  const { redis, forwarder, at, event, notes, watcher, look, gapsOf, queues } = await watched(t)
  await markSettled(redis, 'crm', at(...upTo(6)))
  await markSettled(redis, 'crm', at(9))
  await markSettled(redis, 'warehouse', at(1, 2, 5))
  await queues.addDeliveries([{ target: 'crm', events: [event(3)], since: 0, attempts: 0 }])
  await markSettled(redis, 'crm', at(3), { dead: true })
  t.equal((await look(watcher()))?.settledTo, 2)

  await redis.flushall()
  await markSettled(redis, 'crm', at(8)) // a worker goes on in between
  t.equal(await look(watcher(2)), undefined, 'an empty Redis is not looked at')
  while ((await forwarder.step()).kind !== 'resynced');
  const watch = watcher(2) // a process that was started meanwhile
  t.ok(watch.hasNotes)
  await watch.restore()
  while ((await forwarder.step()).kind !== 'idle');
  await giveSign(redis, workerSign, [target('crm'), target('warehouse')], 'keep')
  const settled = async (name: string) => [...await settledAmong(redis, name, at(...upTo(10)))].map(({ seq }) => seq)
  t.same(await settled('crm'), [...upTo(6), 8, 9])
  t.same(await settled('warehouse'), [1, 2, 5])
  t.same([...await deadAmong(redis, 'crm', at(...upTo(10)))].map(({ seq }) => seq), [3])
  const view = await look(watch)
  t.equal(view?.settledTo, 2)
  t.same(gapsOf(view, 'crm'), [{ seq: 3, revived: true }], 'a dead letter that is in no queue')
  t.ok([...notes.keys()].length > 0)
})

t.test('marks reach over many bitmaps; those that are passed are dropped, once the journal knows', async t => {
  const { redis, journal, notes, watcher, look } = await watched(t, { events: 1, targets: [target('crm')] })
  const last = 200_000
  await redis.set(`baton:{0}:pointer:${journal.id}`, last)
  for (let from = 1; from <= last; from += 20_000) {
    const seqs = upTo(Math.min(last, from + 19_999), from).map(seq => ({ journal: journal.id, seq }))
    await markSettled(redis, 'crm', seqs)
    await markRouted(redis, seqs)
  }
  const watch = watcher()
  const bitmaps = async () => (await redis.keys('baton:{0}:*')).filter(key => /:(settled|routed):/.test(key)).map(key => key.split(':').at(-1)).sort()
  t.equal((await look(watch, { pointer: last }))?.settledTo, last)
  t.same(await bitmaps(), ['0', '0', '1', '1', '2', '2', '3', '3'], 'a crash now would need them')
  t.equal((await look(watch, { pointer: last, noted: last }))?.settledTo, last)
  t.same(await bitmaps(), ['3', '3'])
  t.same([...notes.keys()].filter(key => key.startsWith('settled')).map(key => key.split(':').at(-1)), ['3'])
})

t.test('a target is brought what Redis holds for it neither as a delivery nor as settled, and nothing else', async t => {
  const { redis, queues, journal, at, event, watcher, look, gapsOf, inQueue } = await watched(t, { events: 300, targets: [target('crm')] })
  await queues.addDeliveries([{ target: 'crm', events: [event(2), event(3)], since: 0, attempts: 0 }])
  await markSettled(redis, 'crm', at(1, 5))
  const watch = watcher()
  t.same(gapsOf(await look(watch), 'crm'), [], 'what is not routed yet is on its way')
  await markRouted(redis, at(...upTo(250)))
  const view = await look(watch)
  if (view === undefined) return t.fail('no view')
  const catchUp = new CatchUp(queues, journal, log)
  await catchUp.plan(view, 0)
  while (await catchUp.step());
  t.same(await inQueue('crm'), upTo(250).filter(seq => seq !== 1 && seq !== 5))
  t.same(gapsOf(await look(watch), 'crm'), [])
  const jobs = await queues.get(targetQueue('crm')).getJobs(['wait'])
  t.ok(jobs.length <= 5, 'together, as they were')
})

t.test('a target past its cap gets no more deliveries, and is caught up in turn up to half of it', async t => {
  const targets = [target('crm', { backlog: 10 }), target('warehouse')]
  const { redis, queues, journal, at, event, watcher, look, inQueue } = await watched(t, { events: 2_000, targets })
  const backlogs = () => new Backlogs(queues, targets, log)
  for (let seq = 1; seq <= 9; seq++) await queues.addDeliveries([{ target: 'crm', events: [event(seq)], since: 0, attempts: 0 }])
  t.same(await backlogs().lagging(), new Set())
  await queues.addDeliveries([{ target: 'crm', events: [event(10)], since: 0, attempts: 0 }])
  t.same(await backlogs().lagging(), new Set(['crm']))
  await markRouted(redis, at(...upTo(2_000)))
  await markSettled(redis, 'warehouse', at(...upTo(2_000)))

  const watch = watcher()
  const catchUp = new CatchUp(queues, journal, log)
  const round = async () => {
    const view = await look(watch)
    if (view !== undefined) await catchUp.plan(view, 0)
    while (await catchUp.step());
  }
  await round()
  t.same(await inQueue('crm'), upTo(10), 'it is full, and nothing is added')
  const delivered = new Set<number>()
  for (let rounds = 0; delivered.size < 2_000 && rounds < 20; rounds++) {
    const jobs = await queues.get(targetQueue('crm')).getJobs(['wait'])
    t.ok(jobs.length <= 10)
    const events = jobs.flatMap(job => job.data.events.map(({ seq }) => seq))
    await markSettled(redis, 'crm', at(...events))
    for (const job of jobs) await job.remove()
    for (const seq of events) {
      t.notOk(delivered.has(seq))
      delivered.add(seq)
    }
    await round()
  }
  t.equal(delivered.size, 2_000)
  await round()
  t.same(await backlogs().lagging(), new Set(), 'from now on routers make its deliveries again')
})

t.test('what only a lagging target awaits is dropped at its maximum age, and where the journal has no room for it', async t => {
  const { redis, queues, journal, at, event, watcher, look, inQueue, gapsOf } = await watched(t, { events: 20, targets: [target('crm', { backlog: 10 }), target('warehouse')] })
  const old = Date.now() - 120_000
  for (const seq of [3, 4]) journal.events[seq - 1] = { ...event(seq), receivedAt: old }
  await queues.addDeliveries([{ target: 'crm', events: [event(1)], since: 0, attempts: 0 }, { target: 'warehouse', events: [event(2)], since: 0, attempts: 0 }])
  await markSettled(redis, 'warehouse', at(1, ...upTo(20, 3)))
  await markRouted(redis, at(...upTo(18)))
  const watch = watcher()
  const catchUp = new CatchUp(queues, journal, log)
  const view = await look(watch)
  if (view === undefined) return t.fail('no view')
  t.equal(view.placedTo(), 1, 'of what is after it Redis has not everything')
  await catchUp.plan(view, 2)
  while (await catchUp.step());
  t.same(await inQueue('crm'), [1, ...upTo(18, 5)])
  t.same([...await settledAmong(redis, 'crm', at(...upTo(20)))].map(({ seq }) => seq), [2, 3, 4])
  t.equal(await redis.hget('baton:{0}:dropped', 'crm'), '3')
  const after = await look(watch)
  t.same(gapsOf(after, 'crm'), [])
  t.equal(after?.settledTo, 0)
  t.equal(after?.placedTo(), 18, 'what is settled or in Redis may be forgotten')
  t.equal(after?.unsettledTo(18), 16, 'but 1, 2 and 5 to 18 only Redis has')
})

t.test('events that a journal no longer has are dropped, not waited for', async t => {
  const { redis, queues, journal, at, watcher, look } = await watched(t, { events: 5, targets: [target('crm')] })
  await markRouted(redis, at(...upTo(5)))
  const view = await look(watcher())
  if (view === undefined) return t.fail('no view')
  const trimmed = { ...journal, read: (after: number, limit: { count: number, bytes: number }) => journal.read(Math.max(3, after), limit) }
  const catchUp = new CatchUp(queues, trimmed, log)
  await catchUp.plan(view, 0)
  while (await catchUp.step());
  t.equal(await redis.hget('baton:{0}:dropped', 'crm'), '3')
})

t.test('events that are noted to be on their way, but in a queue that holds nothing, are brought again', async t => {
  const { redis, queues, journal, at, event, watcher, look, inQueue } = await watched(t, { events: 6, targets: [target('crm')] })
  await queues.addDeliveries([1, 2, 3].map(seq => ({ target: 'crm', events: [event(seq)], since: 0, attempts: 0 })))
  await markRouted(redis, at(1, 2, 3))
  await markSettled(redis, 'crm', at(2))
  const watch = watcher()
  const catchUp = new CatchUp(queues, journal, log)
  const round = async () => {
    const view = await look(watch)
    if (view !== undefined) await catchUp.plan(view, 0)
    while (await catchUp.step());
  }
  const intake = queues.get(intakeQueue)
  const inIntake = async () => (await intake.getWaiting()).flatMap(job => job.data.events.map(({ seq }) => seq))
  await round()
  await round()
  t.same(await inQueue('crm'), [1, 2, 3], 'nothing is lost yet')
  t.same(await inIntake(), upTo(6))

  await queues.get(targetQueue('crm')).drain()
  await intake.drain()
  await round()
  t.same(await inQueue('crm'), [], 'they may just have been finished')
  await round()
  t.same(await inQueue('crm'), [1, 3])
  t.same(await inIntake(), [4, 5, 6])
  t.match(await intake.getWaiting(), [{ data: { again: true } }])
  await round()
  await round()
  t.same(await inIntake(), [4, 5, 6], 'once')
})

t.test('also a queue that is never empty is searched for what it was said to hold', async t => {
  const { redis, queues, journal, at, event, watcher, look, inQueue } = await watched(t, { events: 8, targets: [target('crm')] })
  await queues.addDeliveries([1, 2, 3].map(seq => ({ target: 'crm', events: [event(seq)], since: 0, attempts: 0, delay: 3_600_000 })))
  await queues.addDeliveries([{ target: 'crm', events: [event(4), event(5), event(7)], since: 0, attempts: 0 }])
  await markRouted(redis, at(1, 2, 3, 4, 5, 7))
  const intake = queues.get(intakeQueue)
  await intake.drain()
  await intake.add('jother:1', { v: 1, events: [] })
  await queues.get(targetQueue('crm')).remove(`d-${event(2).id}`)
  let now = 0
  const watch = watcher()
  const catchUp = new CatchUp(queues, journal, log, () => now)
  for (now of [0, 30_000, 61_000, 90_000]) {
    const view = await look(watch)
    if (view !== undefined) await catchUp.plan(view, 0)
    while (await catchUp.step());
    t.same(await inQueue('crm'), [1, 3, 4, 5, 7])
    t.equal(await intake.getWaitingCount(), 1)
  }
  now = 122_000
  const view = await look(watch)
  if (view !== undefined) await catchUp.plan(view, 0)
  while (await catchUp.step());
  t.same(await inQueue('crm'), [1, 2, 3, 4, 5, 7], 'missing twice')
  t.same((await intake.getWaiting()).flatMap(job => job.data.events.map(({ seq }) => seq)), [6, 8])
})

t.test('what was never routed and is no longer kept is given up, and nothing waits for it', async t => {
  const { redis, queues, journal, at, watcher, look } = await watched(t, { events: 6, targets: [target('crm')] })
  await queues.get(intakeQueue).drain()
  const trimmed = { ...journal, read: (after: number, limit: { count: number, bytes: number }) => journal.read(Math.max(4, after), limit) }
  const watch = watcher()
  const catchUp = new CatchUp(queues, trimmed, log)
  for (let round = 0; round < 3; round++) {
    const view = await look(watch)
    if (view !== undefined) await catchUp.plan(view, 0)
    while (await catchUp.step());
  }
  t.equal((await look(watch))?.settledTo, 4)
  t.equal(await redis.hget('baton:{0}:dropped', 'crm'), '4')
  t.same((await settledAmong(redis, 'crm', at(5, 6))).size, 0)
  t.match(await queues.get(intakeQueue).getWaiting(), [{ data: { events: [{ seq: 5 }, { seq: 6 }] } }])
})

t.test('a repeat of an event whose dead letter is still there has met its fate: it is dead too, and nothing waits for it', async t => {
  const { redis, queues, at, event, watcher, look, gapsOf } = await watched(t, { events: 2, targets: [target('crm')] })
  const first = event(1)
  const repeat = { ...first, seq: 2 }
  await queues.addDeliveries([{ target: 'crm', events: [first], since: 0, attempts: 0 }])
  const consumed = new Promise<void>(resolve => {
    const consumer = consume({ queue: targetQueue('crm'), concurrency: 1, redis, log, handle: async () => ({ kind: 'dead', reason: 'http_400: no' }) })
    const failed = setInterval(() => {
      void queues.get(targetQueue('crm')).getFailedCount().then(async count => {
        if (count === 0) return
        clearInterval(failed)
        await consumer.close(1_000)
        resolve()
      })
    }, 20)
  })
  await consumed
  await markSettled(redis, 'crm', at(1), { dead: true })
  await markRouted(redis, at(1, 2))
  for (const flush of [false, true]) {
    if (flush) await redis.script('FLUSH')
    await queues.addDeliveries([{ target: 'crm', events: [repeat], since: 0, attempts: 0 }])
    t.equal((await deadAmong(redis, 'crm', at(1, 2))).size, 2)
  }
  const view = await look(watcher())
  t.equal(view?.settledTo, 2)
  t.same(gapsOf(view, 'crm'), [])
})

t.test('a rewind brings everything received since then once more, also over crashes, and a dry run nothing', async t => {
  const { redis, queues, journal, forwarder } = await watched(t, { events: 450, targets: [target('crm')] })
  const since = Date.now() - 5_000
  for (const [at, event] of journal.events.entries()) event.receivedAt = at < 50 ? since - 1 : since + at
  const intake = queues.get(intakeQueue)
  await intake.drain()
  const rewound = async () => (await intake.getWaiting()).flatMap(job => job.data.events.map(({ seq }) => seq))

  const dry = await orderRewind(redis, { since, target: null, dryRun: true })
  const rewinder = () => new Rewinder(queues, new IntakeWriter(queues), journal, log)
  const first = rewinder()
  await first.look(forwarder.position ?? 0)
  t.same((await rewindParts(redis, dry)).get(journal.id), { from: 50, to: 450 })
  t.equal(await first.step(), false)

  const id = await orderRewind(redis, { since, target: 'crm', dryRun: false })
  await first.look(450)
  await first.step()
  journal.events.push(anEvent())
  await redis.script('FLUSH')
  const second = rewinder() // the first was killed
  await second.look(451)
  while (await second.step());
  t.same(await rewound(), upTo(450, 51))
  t.match(await intake.getWaiting(), [{ data: { rewind: id, only: 'crm' } }])
  await second.look(451)
  t.equal(await second.step(), false)
})
