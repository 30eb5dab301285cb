import t, { type Test } from 'tap'
import { createLogger } from '@baton/runtime'
import { anEvent, arrayJournal, redisServer } from '@baton/testing'
import { Forwarder, Queues, claimEvents, connectRedis, intakeQueue, restoreEvent, untilReady } from '../src/index.ts'

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

t.test('a journal that was rolled back and has gone on since is told from the one that Redis knows', async t => {
  const { q } = await queues(t)
  const journal = arrayJournal(...someEvents(10))
  await forwardAll(new Forwarder(q, journal))
  const rolledBack = { ...journal, events: [...journal.events.slice(0, 6), ...someEvents(20)] }
  t.same(await forwardAll(new Forwarder(q, rolledBack)), ['ahead'], 'number 10 is another event now')
  const trimmed = { ...rolledBack, read: (after: number, limit: { count: number }) => rolledBack.read(Math.max(after, 15), limit) }
  t.same((await forwardAll(new Forwarder(q, trimmed)))[0], 'resynced', 'what is no longer kept cannot be compared')
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

t.test('an event is new once, claimed at its own place, and a duplicate at another', async t => {
  const { redis } = await queues(t)
  const [a, b] = [anEvent(), anEvent()]
  const aAgain = { ...a, seq: 99 }
  const elsewhere = { ...a, journal: 'jother' }
  t.same(await claimEvents(redis, [a, aAgain]), ['new', 'duplicate'], 'also within one batch')
  t.same(await claimEvents(redis, [a, b, aAgain, elsewhere]), ['claimed', 'new', 'duplicate', 'duplicate'])
  const later = Date.now() + 15 * 60_000 - 1_000
  t.same(await claimEvents(redis, [a, elsewhere], { now: later }), ['claimed', 'duplicate'], 'remembered for 15 minutes at least')
  t.same(await claimEvents(redis, [a], { now: later + 30 * 60_000 }), ['new'])

  const renewed = { ...a, journal: `${a.journal}.abc` }
  t.same(await claimEvents(redis, [renewed, { ...renewed, seq: 99 }]), ['claimed', 'duplicate'], 'a journal that was renewed has its events at their own place')
})

t.test('of ingresses that receive the same callback at the same moment one has it, and the others have a duplicate', async t => {
  const { redis } = await queues(t)
  const event = anEvent()
  const sighted = await Promise.all(Array.from({ length: 20 }, async (_, nth) => await claimEvents(redis, [{ ...event, journal: `j${nth}` }])))
  t.same(sighted.flat().toSorted(), [...Array.from({ length: 19 }, () => 'duplicate'), 'new'])
})

t.test('so many events are remembered and no more; what is beyond passes for new', async t => {
  const { redis } = await queues(t)
  const [a, b] = [anEvent(), anEvent()]
  t.same(await claimEvents(redis, [a, b], { bound: 1 }), ['new', 'new'])
  t.same(await claimEvents(redis, [{ ...a, seq: 99 }, { ...b, seq: 98 }], { bound: 1 }), ['duplicate', 'new'])
})
