import t from 'tap'
import { deadLetters, pauseTarget, queueDepths, resumeTarget, targetStates, type Queues } from '@baton/queue'
import { anEvent, receiver, type Received } from '@baton/testing'
import { redis, worker } from './worker-process.ts'

t.jobs = 3 // most of the time is spent waiting

/** Events, each in an intake job of its own, so that each is a delivery of its own. */
async function oneByOne (intake: (...events: ReturnType<typeof anEvent>[]) => Promise<void>, count: number) {
  const events = Array.from({ length: count }, (_, nth) => anEvent({ body: { Nth: nth } }))
  for (const event of events) await intake(event)
  return events
}

const crmState = async (queues: Queues) => (await targetStates(queues, ['crm'])).get('crm') ?? { dropped: 0, laned: 0, blocked: 0 }

const nthOf = ({ body }: Received): number => Number(JSON.parse(body.toString())['Nth'])

t.test('workers keep the rate limit of a target together, evenly spread, whatever the size of deliveries', { buffered: true }, async t => {
  const { url, intake } = await redis(t)
  const times: number[] = []
  const crm = await receiver(t, () => { times.push(performance.now()); return 200 })
  const settings = `type: webhook, url: "${crm.url}", rateLimit: { events: 100, per: 1s }`
  await Promise.all([worker(t, url, settings), worker(t, url, settings)])
  await intake(...Array.from({ length: 150 }, () => anEvent()))
  await oneByOne(intake, 100)
  await crm.untilReceived(250)
  for (const [at, time] of times.entries()) {
    const together = times.slice(at).filter(other => other - time < 1_000).length
    if (together > 115) return t.fail(`${together} events in a second`)
  }
  t.ok((times.at(-1) ?? 0) - (times[0] ?? 0) > 2_200, 'and no less time in all')
  t.equal(new Set(crm.received.map(({ headers }) => headers['webhook-id'])).size, 250)
  t.ok(crm.received.every(({ headers }) => headers['baton-attempt'] === '1'))
})

t.test('Retry-After holds the whole target, in all workers; other events are not even tried', { buffered: true }, async t => {
  const { url, intake } = await redis(t)
  let told: number | undefined
  const early: number[] = []
  const crm = await receiver(t, () => {
    if (told === undefined) {
      told = performance.now()
      return { status: 429, headers: { 'retry-after': '2' } }
    }
    if (performance.now() - told < 1_990) early.push(performance.now() - told)
    return 200
  })
  const settings = `type: webhook, url: "${crm.url}", concurrency: 1, retry: { firstDelay: 10ms, maxDelay: 10ms }`
  await Promise.all([worker(t, url, settings), worker(t, url, settings)])
  await intake(anEvent())
  await crm.untilReceived(1)
  await oneByOne(intake, 20)
  await crm.untilReceived(22)
  t.ok(early.length <= 1, `what the other worker had in hand already may still come: ${early.join(', ')}`)
  t.same(crm.received.slice(2).map(({ headers }) => headers['baton-attempt']).filter(attempt => attempt !== '1').length <= 1, true)
})

t.test('a target that fails again and again is parked: one event at a time probes it, attempts are not counted, and it goes on as soon as it takes one', { buffered: true }, async t => {
  const { url, queues, intake } = await redis(t)
  let busy = 0
  let together = 0
  let works = false
  const crm = await receiver(t, () => works ? 200 : 503)
  const parked = async () => (await crmState(queues)).parkedSince !== undefined
  const settings = `type: webhook, url: "${crm.url}", concurrency: 4, retry: { firstDelay: 10ms, maxDelay: 20ms }, breaker: { failures: 5, firstPause: 100ms, maxPause: 200ms }`
  await Promise.all([worker(t, url, settings), worker(t, url, settings)])
  const events = await oneByOne(intake, 20)
  while (!await parked());
  const attemptsNow = async () => (await Promise.all(events.map(async ({ id }) => await queues.get('to-crm').getJob(`d-${id}`)))).reduce((sum, job) => sum + (job?.attemptsMade ?? 0), 0)
  while ((await queueDepths(queues)).some(({ target, active, delayed }) => target === 'crm' && active + delayed > 1)); // what was in hand has come to its end
  const before = await attemptsNow()
  crm.answer = () => {
    busy += 1
    together = Math.max(together, busy)
    setTimeout(() => { busy -= 1 }, 20)
    return 503
  }
  const probed = crm.received.length
  await crm.untilReceived(probed + 12)
  t.equal(together, 1, 'one probe at a time')
  t.equal(await attemptsNow(), before, 'twelve probes later')
  t.ok(new Set(crm.received.slice(probed).map(nthOf)).size > 6, 'each by another event')
  works = true
  crm.answer = () => 200
  await crm.untilReceived(probed + 12 + 20)
  while (await parked());
  t.same(new Set(crm.received.slice(-20).map(nthOf)), new Set(events.keys()))
  t.equal((await deadLetters(queues, 'crm')).total, 0)
})

t.test('events that a target never takes do not keep it parked', { buffered: true }, async t => {
  const { url, intake } = await redis(t)
  const crm = await receiver(t, request => nthOf(request) < 6 ? 500 : 200)
  await worker(t, url, `type: webhook, url: "${crm.url}", concurrency: 2, retry: { firstDelay: 10ms, maxDelay: 50ms }, breaker: { failures: 3, firstPause: 100ms, maxPause: 100ms }`)
  await oneByOne(intake, 30)
  const taken = () => new Set(crm.received.map(nthOf).filter(nth => nth >= 6)).size
  while (taken() < 24) await crm.untilReceived(crm.received.length + 1)
  t.equal(taken(), 24)
})

t.test('a parked target is probed with one event of a delivery of many, and gets the rest once that is taken', { buffered: true }, async t => {
  const { url, queues, intake } = await redis(t)
  const crm = await receiver(t, () => 503)
  await worker(t, url, `type: webhook, url: "${crm.url}", retry: { firstDelay: 10ms, maxDelay: 10ms }, breaker: { failures: 1, firstPause: 300ms, maxPause: 300ms }`)
  await intake(...Array.from({ length: 50 }, () => anEvent()))
  while ((await crmState(queues)).parkedSince === undefined);
  await crm.untilReceived(52)
  t.equal(crm.received.length, 52, 'the delivery, and two probes')
  crm.answer = () => 200
  await crm.untilReceived(102)
  t.equal(new Set(crm.received.slice(52).map(({ headers }) => headers['webhook-id'])).size, 50)
})

t.test('a target that an operator pauses gets nothing until it is resumed, and then at once; so does one that is parked', { buffered: true }, async t => {
  const { url, queues, intake } = await redis(t)
  const crm = await receiver(t)
  const { get } = await worker(t, url, `type: webhook, url: "${crm.url}", retry: { firstDelay: 1h, maxDelay: 1h }, breaker: { failures: 1, firstPause: 1h, maxPause: 1h }`)
  t.equal(await pauseTarget(queues, 'crm', 'they migrate'), true)
  t.equal(await pauseTarget(queues, 'crm'), false)
  t.match(await crmState(queues), { pausedSince: Number, pauseReason: 'they migrate' })
  t.match((await get('/metrics')).text, /^baton_target_paused\{target="crm"\} 1$/m)
  await oneByOne(intake, 3)
  while (!(await queueDepths(queues)).some(({ target, waiting }) => target === 'crm' && waiting === 3));
  t.equal(crm.received.length, 0)
  t.equal(await resumeTarget(queues, 'crm'), true)
  await crm.untilReceived(3)
  crm.answer = () => 503
  await intake(anEvent())
  while ((await crmState(queues)).parkedSince === undefined);
  await intake(anEvent())
  while (!(await queueDepths(queues)).some(({ target, waiting }) => target === 'crm' && waiting === 1));
  crm.answer = () => 200
  t.equal(await resumeTarget(queues, 'crm'), true)
  await crm.untilReceived(5)
  t.equal(await resumeTarget(queues, 'crm'), false)
})
