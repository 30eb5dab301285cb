import t, { type Test } from 'tap'
import { createLogger } from '@baton/runtime'
import { anEvent, arrayJournal, redisServer } from '@baton/testing'
import { Forwarder, Queues, connectRedis, gatherMarks, intakeQueue, markSettled, readMarksNote, registerJournal, registerTargets, rememberEvents, renewTargets, restoreEvent, restoreMarks, settledAmong, settledTo, sightings, untilReady } from '../src/index.ts'

const log = createLogger('test', 'silent')

async function queues (t: Test) {
  const { url, stop, start } = await redisServer(t)
  const redis = connectRedis(url, 'consumer', log)
  const q = new Queues(redis)
  t.teardown(async () => {
    await q.close()
    redis.disconnect()
  })
  await untilReady(redis, url, 5_000)
  return { redis, q, stop, start }
}

const someEvents = (count: number) => Array.from({ length: count }, () => anEvent())

/** Steps until everything is forwarded; the kinds of the steps. */
async function forwardAll (forwarder: Forwarder): Promise<string[]> {
  const kinds: string[] = []
  for (;;) {
    const step = await forwarder.step()
    kinds.push(step.kind === 'resynced' && step.lost ? 'lost' : step.kind)
    if (step.kind === 'idle' || step.kind === 'ahead') return kinds
  }
}

/** Sequence numbers in intake, in its order. */
async function inIntake (q: Queues): Promise<number[]> {
  const jobs = await q.get(intakeQueue).getWaiting()
  return jobs.flatMap(job => job.data.events.map(({ seq }) => seq))
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at)

t.test('a lone event is a job of its own; under load up to 100 share one', async t => {
  const { q } = await queues(t)
  const journal = arrayJournal(anEvent())
  const forwarder = new Forwarder(q, journal)
  t.same(await forwardAll(forwarder), ['resynced', 'forwarded', 'idle'])
  journal.events.push(...someEvents(250))
  t.same(await forwardAll(forwarder), ['forwarded', 'forwarded', 'forwarded', 'idle'])
  t.same(await inIntake(q), upTo(251))
  t.equal(await q.get(intakeQueue).getWaitingCount(), 4)
  const job = (await q.get(intakeQueue).getWaiting()).at(-1)
  t.match(job?.data.events.map(restoreEvent).at(-1), { id: journal.events.at(-1)?.id, journal: journal.id, seq: 251 })
})

t.test('another forwarder of the same journal goes on where the first one stopped', async t => {
  const { q } = await queues(t)
  const journal = arrayJournal(...someEvents(5))
  await forwardAll(new Forwarder(q, journal))
  journal.events.push(...someEvents(2))
  await forwardAll(new Forwarder(q, journal))
  t.same(await inIntake(q), upTo(7))
})

t.test('two forwarders at once repeat, and never leave a gap', async t => {
  const { q } = await queues(t)
  const journal = arrayJournal(...someEvents(300))
  await Promise.all([forwardAll(new Forwarder(q, journal)), forwardAll(new Forwarder(q, journal))])
  t.same([...new Set(await inIntake(q))].sort((a, b) => a - b), upTo(300))
})

t.test('a Redis that lost everything is given all that is not settled, with a word that it may be a repeat', async t => {
  const { q, redis } = await queues(t)
  const journal = arrayJournal(...someEvents(10))
  const forwarder = new Forwarder(q, journal)
  await forwardAll(forwarder)
  journal.settled = 4
  await redis.flushall()
  t.same(await forwardAll(forwarder), ['lost', 'forwarded', 'idle'])
  t.same(await inIntake(q), upTo(10, 5))
  t.match(await q.get(intakeQueue).getWaiting(), [{ data: { again: true } }])
  journal.events.push(anEvent())
  await forwardAll(forwarder)
  t.notOk((await q.get(intakeQueue).getWaiting()).at(-1)?.data.again, 'what comes later is no repeat')
})

t.test('a loss between two batches is noticed by the next one', async t => {
  const { q, redis } = await queues(t)
  const journal = arrayJournal(...someEvents(3))
  const forwarder = new Forwarder(q, journal)
  await forwardAll(forwarder)
  await redis.flushall()
  journal.events.push(...someEvents(2))
  t.ok((await forwardAll(forwarder)).includes('lost'))
  t.same([...new Set(await inIntake(q))].sort(), upTo(5))
})

t.test('an older state of Redis is continued from where it stands', async t => {
  const { q, redis } = await queues(t)
  const journal = arrayJournal(...someEvents(3))
  const forwarder = new Forwarder(q, journal)
  await forwardAll(forwarder)
  await redis.set(`baton:{0}:pointer:${journal.id}`, '1') // as a backup would have it
  t.same(await forwardAll(forwarder), ['resynced', 'forwarded', 'idle'])
  t.same(new Set(await inIntake(q)), new Set([1, 2, 3]))
  t.equal(forwarder.position, 3)
})

t.test('a Redis that is ahead of the journal is told, and nothing is forwarded', async t => {
  const { q, redis } = await queues(t)
  const journal = arrayJournal(...someEvents(3))
  await redis.set(`baton:{0}:pointer:${journal.id}`, '99')
  t.same(await forwardAll(new Forwarder(q, journal)), ['ahead'])
  t.same(await inIntake(q), [])
})

t.test('forgotten scripts stop nothing: the pointer never passes a job that is not there', async t => {
  const { q, redis } = await queues(t)
  const journal = arrayJournal()
  const forwarder = new Forwarder(q, journal)
  await forwardAll(forwarder)
  for (let nth = 1; nth <= 5; nth++) {
    journal.events.push(anEvent())
    await redis.script('FLUSH')
    await forwardAll(forwarder)
    t.same(await inIntake(q), upTo(nth))
  }
})

t.test('whatever Redis refuses, nothing is passed over', async t => {
  const { q, redis } = await queues(t)
  const journal = arrayJournal(...someEvents(2))
  const forwarder = new Forwarder(q, journal)
  await forwardAll(forwarder)
  journal.events.push(...someEvents(3))
  await redis.config('SET', 'min-replicas-to-write', '1')
  await t.rejects(forwardAll(forwarder), /NOREPLICAS/)
  await redis.config('SET', 'min-replicas-to-write', '0')
  await redis.config('SET', 'maxmemory', '1')
  await t.rejects(forwardAll(forwarder), /OOM|EXECABORT/)
  await redis.config('SET', 'maxmemory', '0')
  await redis.set('baton:{0}:intake:wait', 'not a list')
  await t.rejects(forwardAll(forwarder))
  await redis.del('baton:{0}:intake:wait')
  await forwardAll(forwarder)
  t.same(await inIntake(q), upTo(5, 3), 'the first two went with the list that was overwritten')
})

t.test('an event is new once, routed at its own place, and a duplicate at another', async t => {
  const { redis } = await queues(t)
  const [a, b] = [anEvent(), anEvent()]
  const aAgain = { ...a, seq: 99 }
  const elsewhere = { ...a, journal: 'jother' }
  t.same(await sightings(redis, [a, b, aAgain]), ['new', 'new', 'duplicate'], 'also within one batch')
  await rememberEvents(redis, [a])
  t.same(await sightings(redis, [a, b, aAgain, elsewhere]), ['routed', 'new', 'duplicate', 'duplicate'])
  const later = Date.now() + 16 * 60_000
  t.same(await sightings(redis, [a], later), ['routed'], 'remembered for 15 minutes at least')
  t.same(await sightings(redis, [a], later + 30 * 60_000), ['new'])
})

t.test('settled is what every target has settled, without a gap', async t => {
  const { redis, q } = await queues(t)
  const journal = arrayJournal(...someEvents(10))
  const { id } = journal
  await forwardAll(new Forwarder(q, journal))
  const marks = (...seqs: number[]) => seqs.map(seq => ({ journal: id, seq }))
  const reached = async (from = 0) => await settledTo(redis, id, { from, pointer: 10 })
  t.equal(await reached(), 0, 'without targets nothing is settled')
  await registerTargets(redis, ['crm', 'warehouse'])
  await markSettled(redis, 'crm', marks(...upTo(10)))
  await markSettled(redis, 'warehouse', marks(1, 2, 4, 5))
  t.equal(await reached(), 2)
  await markSettled(redis, 'warehouse', marks(3))
  t.equal(await reached(), 5)
  t.equal(await reached(5), 5)
  await markSettled(redis, 'warehouse', marks(...upTo(10, 6)))
  t.equal(await reached(5), 10)
})

t.test('a target that comes later does not hold back what was there before it', async t => {
  const { redis, q } = await queues(t)
  const journal = arrayJournal(...someEvents(3))
  await registerTargets(redis, ['crm'])
  await registerJournal(redis, journal.id)
  await forwardAll(new Forwarder(q, journal))
  await markSettled(redis, 'crm', upTo(3).map(seq => ({ journal: journal.id, seq })))
  await registerTargets(redis, ['crm', 'late'])
  t.equal(await settledTo(redis, journal.id, { from: 0, pointer: 3 }), 3)
  await markSettled(redis, 'crm', [{ journal: journal.id, seq: 4 }])
  t.equal(await settledTo(redis, journal.id, { from: 3, pointer: 4 }), 3, 'but from then on it counts')
})

t.test('after a loss of all data nothing counts as settled that was not settled again', async t => {
  const { redis, q } = await queues(t)
  const journal = arrayJournal(...someEvents(4))
  await registerTargets(redis, ['crm', 'warehouse'])
  await forwardAll(new Forwarder(q, journal))
  await redis.flushall()
  const forwarder = new Forwarder(q, journal)
  await forwardAll(forwarder)
  await registerJournal(redis, journal.id)
  await registerTargets(redis, ['crm', 'warehouse']) // a worker that is started now
  const reached = async () => await settledTo(redis, journal.id, { from: 0, pointer: 4 })
  t.equal(await reached(), 0)
  await redis.flushall()
  await renewTargets(redis, ['crm']) // workers that ran on
  await renewTargets(redis, ['warehouse'])
  await markSettled(redis, 'crm', upTo(4).map(seq => ({ journal: journal.id, seq })))
  t.equal(await reached(), 0)
})

t.test('what the journal notes of settled events survives Redis, and never forgets a mark', async t => {
  const { redis } = await queues(t)
  const at = (...seqs: number[]) => seqs.map(seq => ({ journal: 'j', seq }))
  await registerTargets(redis, ['crm', 'warehouse'])
  await markSettled(redis, 'crm', at(2, 3, 70_000))
  await markSettled(redis, 'warehouse', at(5))
  const range = { from: 0, pointer: 70_010 }
  const note = await gatherMarks(redis, 'j', range, { targets: {} })

  await redis.flushall()
  t.same(await gatherMarks(redis, 'j', range, note), note, 'an empty Redis takes nothing from the note')
  await markSettled(redis, 'crm', at(9)) // a worker goes on in between
  await restoreMarks(redis, 'j', readMarksNote(JSON.stringify(note)))
  const settled = async (target: string) => [...await settledAmong(redis, target, at(1, 2, 3, 5, 9, 70_000))].map(({ seq }) => seq)
  t.same(await settled('crm'), [2, 3, 9, 70_000])
  t.same(await settled('warehouse'), [5])
  t.equal(await settledTo(redis, 'j', range), 0, 'and both targets are waited for')
  t.same(Object.keys((await gatherMarks(redis, 'j', { from: 66_000, pointer: 70_010 }, note)).targets['crm'] ?? {}), ['1'], 'bitmaps that are passed are dropped')
  t.same(readMarksNote('{broken'), { targets: {} })
})

t.test('marks reach over many bitmaps, and those that are passed are dropped', async t => {
  const { redis } = await queues(t)
  await registerTargets(redis, ['crm'])
  const last = 200_000
  for (let from = 1; from <= last; from += 20_000) {
    await markSettled(redis, 'crm', upTo(Math.min(last, from + 19_999), from).map(seq => ({ journal: 'j', seq })))
  }
  t.equal(await settledTo(redis, 'j', { from: 0, pointer: last }), last)
  t.same(await redis.keys('baton:{0}:settled:*'), ['baton:{0}:settled:j:crm:3'])
  t.equal(await settledTo(redis, 'j', { from: last, pointer: last + 10 }), last)
})
