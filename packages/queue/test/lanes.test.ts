import t, { type Test } from 'tap'
import { createLogger } from '@baton/runtime'
import { anEvent, arrayJournal, redisServer, workerSign } from '@baton/testing'
import type { JournalledEvent } from '@baton/contracts'
import { CatchUp, JournalWatch, LaneHold, Queues, backlogOf, connectRedis, deadAmong, markRouted, markSettled, registerJournal, giveSign, ringAllLanes, ringForgottenLanes, ringLanes, settledAmong, targetQueue, untilReady, type Gap, type JournalView } from '../src/index.ts'

const log = createLogger('test', 'silent')

/** An ordered target `crm` on a Redis of the test's own, and a journal. */
async function ordered (t: Test, { backlog = 10_000 } = {}) {
  const { url } = await redisServer(t)
  const redis = connectRedis(url, 'consumer', log)
  const queues = new Queues(redis)
  t.teardown(async () => {
    await queues.close()
    redis.disconnect()
  })
  await untilReady(redis, url, 5_000)
  const journal = arrayJournal()
  await registerJournal(redis, journal.id, { at: Date.now(), depth: 0, unsettled: 0, unforwarded: 0, oldestUnsettledAt: null, unsettledBytes: 0, retainedBytes: 0, unprotected: 0 })
  const target = { name: 'crm', backlog, maxAge: 60_000, ordered: true }
  await giveSign(redis, workerSign, [target], 'activate')
  const event = (seq: number, key = 'a'): JournalledEvent => ({ ...anEvent({ body: { GroupId: key, Nth: seq } }), journal: journal.id, seq })
  const add = async (...events: JournalledEvent[]) => { await queues.addDeliveries([{ target: 'crm', events, since: Date.now(), attempts: 0, ordered: true }]) }
  const ring = async () => { await ringLanes(queues, 'crm', journal.id) }
  const bells = async () => (await queues.get(targetQueue('crm')).getJobs(['wait', 'delayed'])).flatMap(({ data }) => data.lane ?? [])
  const take = async () => {
    const lane = (await bells()).at(-1) // the first that was told of
    return lane === undefined ? undefined : await LaneHold.take(queues, 'crm', lane, 10)
  }
  return { redis, queues, journal, target, event, add, ring, bells, take }
}

const seqsOf = (events: readonly JournalledEvent[] | undefined) => events?.map(({ seq }) => seq)

t.test('events are taken in the order of the journal, in whatever order they were routed, and none before all earlier ones are there', async t => {
  const { redis, event, add, ring, bells, take } = await ordered(t)
  await add(event(4), event(5, 'b'))
  await add(event(1))
  await ring()
  t.equal((await bells()).length, 1, 'nobody is told of what stands behind a gap')
  t.same(seqsOf((await take())?.events), [1])
  await add(event(3))
  await ring()
  t.same(seqsOf((await take())?.events), [1])
  await markSettled(redis, 'crm', [event(2)]) // filtered, say
  await ring()
  t.same(seqsOf((await take())?.events), [1, 3, 4])
  t.equal((await bells()).length, 2)
})

t.test('what stands in a lane is not added twice, and what is settled never comes back', async t => {
  const { queues, event, add, ring, take } = await ordered(t)
  const [first, second] = [event(1), event(2)]
  await add(first, second)
  await add(first)
  await ring()
  const hold = await take()
  t.same(seqsOf(hold?.events), [1, 2])
  t.same(await hold?.settle([first], 0), [])
  await add(first)
  t.same(seqsOf(await hold?.settle([second], 10)), [])
  t.equal((await settledAmong(queues.redis, 'crm', [first, second])).size, 2)
  t.equal(await backlogOf(queues, 'crm'), 1, 'the job that told of them alone is left')
})

t.test('events without a key go their own ways', async t => {
  const { queues, event, add } = await ordered(t)
  await add({ ...event(1), orderingKey: '' }, event(2))
  const [job] = await queues.get(targetQueue('crm')).getWaiting()
  t.same(job?.data.events.map(({ seq }) => seq), [1])
})

t.test('a lane has one holder: the one before can note nothing any more, and counts as dead', async t => {
  const { event, add, ring, take } = await ordered(t)
  const [first, second] = [event(1), event(2)]
  await add(first, second)
  await ring()
  const before = await take()
  const after = await take()
  t.equal(await before?.settle([first], 0), undefined)
  t.equal(await before?.condemn({ event: first, attempts: 1, since: 1, reason: 'no' }), false)
  t.equal(after?.head.deaths, 1)
  t.equal(await after?.settle([second], 0), undefined, 'and nobody settles what does not stand first')
  await after?.release({ event: first, attempts: 3, since: 5 })
  t.match((await take())?.head, { deaths: 1, attempts: 3, since: 5 }, 'who lets go has not died')
})

t.test('a dead letter of a lane is settled with it, and the next event begins afresh', async t => {
  const { redis, event, add, ring, take } = await ordered(t)
  const [first, second] = [event(1), event(2)]
  await add(first, second)
  await ring()
  const hold = await take()
  await hold?.condemn({ event: first, attempts: 2, since: 5, reason: 'http_400: no' })
  t.same(seqsOf(await hold?.settle([first], 10, { dead: true })), [2])
  t.equal((await deadAmong(redis, 'crm', [first, second])).size, 1)
  t.match((await take())?.head, { attempts: 0, since: undefined, rejected: undefined })
})

t.test('a lane that nobody is told of is found', async t => {
  const { queues, event, add, ring, bells } = await ordered(t)
  await add(event(1), event(2, 'b'))
  await ring()
  await queues.get(targetQueue('crm')).drain() // by an operator, say
  t.same(await bells(), [])
  await ringAllLanes(queues, 'crm')
  t.same(await bells(), [], 'it was told once')
  t.equal(await ringForgottenLanes(queues, 'crm', '0'), '0')
  t.equal((await bells()).length, 2)
})

t.test('the horizon passes from one bitmap to the next, and over those that are gone', async t => {
  const { redis, journal, event, add, ring, take } = await ordered(t)
  const last = 65_535
  const settled = (first: number, end: number) => Array.from({ length: end - first + 1 }, (_, at) => ({ journal: journal.id, seq: first + at }))
  for (let first = 1; first <= last; first += 10_000) {
    const some = settled(first, Math.min(last, first + 9_999))
    await markSettled(redis, 'crm', some)
    await markRouted(redis, some)
  }
  await add(event(last + 1), event(last + 3))
  await ring()
  t.same(seqsOf((await take())?.events), [last + 1])

  await redis.set(`baton:{0}:pointer:${journal.id}`, `${last + 3}:`)
  const watch = new JournalWatch(redis, journal.id, { settledTo: 0, notes: new Map() })
  await watch.look({ pointer: last + 3, noted: 0, trimmedTo: 0 })
  await watch.look({ pointer: last + 3, noted: last, trimmedTo: 0 })
  t.equal(await redis.exists(`baton:{0}:settled:${journal.id}:crm:0`), 0)
  await redis.del(`baton:{0}:horizon:${journal.id}:crm`) // whoever begins now has only what is left
  await add(event(last + 2))
  await ring()
  t.same(seqsOf((await take())?.events), [last + 1, last + 2, last + 3])
})

const viewOf = (gaps: Gap[], placed: number[] = []): JournalView => ({
  settledTo: 0,
  targets: [{ name: 'crm', lagging: true, gaps: function * () { yield * gaps }, placed: function * () { yield * placed } }],
  unrouted: function * () {},
  placedTo: () => 0,
  unsettledTo: () => 0,
  notes: new Map()
})

t.test('what waits behind a gap does not keep the gap away, however much it is', async t => {
  const { queues, journal, event, add, ring, take } = await ordered(t, { backlog: 10 })
  journal.events.push(...Array.from({ length: 2_100 }, (_, at) => event(at + 1)))
  await add(...journal.events.slice(100).map((each, at) => ({ ...each, journal: journal.id, seq: at + 101 })))
  await ring()
  t.ok(await backlogOf(queues, 'crm') >= 20, 'twice the cap')
  const catchUp = new CatchUp(queues, journal, log)
  await catchUp.plan(viewOf(Array.from({ length: 100 }, (_, at) => ({ seq: at + 1, revived: false }))), 0)
  while (await catchUp.step());
  t.same(seqsOf((await take())?.events), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

t.test('nothing is brought to a target before it is known whether it wants order', async t => {
  const { redis, queues, journal, target, event, bells } = await ordered(t)
  journal.events.push(event(1))
  await redis.del('baton:{0}:target-limits')
  const catchUp = new CatchUp(queues, journal, log)
  const bring = async () => {
    await catchUp.plan(viewOf([{ seq: 1, revived: false }]), 0)
    while (await catchUp.step());
  }
  await bring()
  t.equal(await queues.get(targetQueue('crm')).count(), 0)
  await giveSign(redis, workerSign, [target], 'activate')
  await bring()
  t.equal((await bells()).length, 1)
})

t.test('a dead letter that Redis has lost is one again, and does not come after what followed it', async t => {
  const { queues, journal, event } = await ordered(t)
  journal.events.push(event(1))
  const catchUp = new CatchUp(queues, journal, log)
  await catchUp.plan(viewOf([{ seq: 1, revived: true }]), 0)
  while (await catchUp.step());
  t.match(await queues.get(targetQueue('crm')).getWaiting(), [{ data: { revived: true, rejected: /^dead_before/ } }])
})

t.test('events in lanes are not taken for lost', async t => {
  const { queues, journal, event, add, bells, ring } = await ordered(t)
  journal.events.push(event(1), event(2))
  await add(event(1))
  await ring()
  await queues.get(targetQueue('crm')).drain()
  let now = 0
  const catchUp = new CatchUp(queues, journal, log, () => now)
  for (let look = 0; look < 4; look++, now += 60_001) {
    await catchUp.plan(viewOf([], [1, 2]), 0)
    while (await catchUp.step());
  }
  const waiting = await queues.redis.hkeys('baton:{0}:laned:crm')
  t.same(waiting.sort(), [`${journal.id}:1`, `${journal.id}:2`], 'the one that stood in none was brought again')
  t.equal((await bells()).length, 1)
})
