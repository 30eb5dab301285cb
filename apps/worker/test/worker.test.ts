import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { CatchUp, Forwarder, IntakeWriter, JournalWatch, Queues, Rewinder, claimEvents, connectRedis, deadAmong, deadLetter, deadLetters, markSettled, orderRewind, queueDepths, registeredTargets, giveSign, replayDeadLetter, untilReady } from '@baton/queue'
import { createLogger, readSettings } from '@baton/runtime'
import { eventsInMemory } from '@baton/targets'
import { anEvent, arrayJournal, receiver, redisServer, type Received, workerSign } from '@baton/testing'
import { startWorker } from '../src/index.ts'

const log = createLogger('test', 'silent')
const faultyTarget = fileURLToPath(new URL('fixtures/faulty-target.mjs', import.meta.url))
const fast = 'retry: { firstDelay: 20ms, maxDelay: 50ms }'

/** A worker on a Redis of the test's own, and the queues as the ingress has them. */
async function worker (t: Test, targets: Record<string, string>, logger = log) {
  const server = await redisServer(t)
  const config = join(t.testdir({}), 'baton.yaml')
  const lines = Object.entries(targets).map(([name, settings]) => `  ${name}: { ${settings} }`)
  writeFileSync(config, `apps: [{ sdkAppId: 1400000000 }]\ntargets:\n${lines.join('\n')}\n`)
  const redis = connectRedis(server.url, 'consumer', log)
  const queues = new Queues(redis)
  await untilReady(redis, server.url, 5_000)
  const running = await startWorker({ settings: readSettings({ BATON_CONFIG: config, REDIS_URL: server.url, WORKER_PORT: '0' }), log: logger })
  t.teardown(async () => {
    await running.close()
    await queues.close()
    redis.disconnect()
  })
  return { ...running, queues, redis }
}

const idOf = ({ headers }: Received) => headers['webhook-id']

/** Resolves once no job waits, is delayed or in hand. BullMQ trims its event stream, so the depths are looked at after each entry. */
async function untilIdle (queues: Queues): Promise<void> {
  const streams = ['intake', ...(await registeredTargets(queues.redis)).map(target => `to-${target}`)].map(queue => `baton:{0}:${queue}:events`)
  const reader = queues.redis.duplicate()
  try {
    for (;;) {
      const depths = await queueDepths(queues)
      if (depths.every(({ waiting, delayed, active }) => waiting + delayed + active === 0)) return
      await reader.xread('BLOCK', 200, 'STREAMS', ...streams, ...streams.map(() => '$'))
    }
  } finally {
    reader.disconnect()
  }
}

/** Brings events into intake, as an ingress's forwarder does. */
async function intake (queues: Queues, ...events: Parameters<typeof arrayJournal>): Promise<void> {
  const forwarder = new Forwarder(queues, arrayJournal(...events))
  while ((await forwarder.step()).kind !== 'idle');
}

t.test('events are routed by exact names and globs; without commands a target gets all after-commands', async t => {
  const { queues } = await worker(t, {
    all: 'type: memory',
    topics: 'type: memory, commands: [Group.CallbackAfterCreateTopic]',
    before: 'type: memory, commands: ["*Before*"]'
  })
  const group = anEvent()
  const topic = anEvent({ command: 'Group.CallbackAfterCreateTopic' })
  const decision = { ...anEvent(), command: 'Group.CallbackBeforeCreateGroup' }
  await intake(queues, ...[group, topic, decision])
  await untilIdle(queues)
  const idsAt = (name: string) => eventsInMemory(name).map(({ id }) => id).sort()
  t.same(idsAt('all'), [group.id, topic.id].sort())
  t.same(idsAt('topics'), [topic.id])
  t.same(idsAt('before'), [decision.id])
})

t.test('500 three times, then 200: delivered exactly once after three retries, and nobody else is delayed', async t => {
  const crm = await receiver(t, (_, nth) => nth <= 3 ? 500 : 200)
  const { queues } = await worker(t, { crm: `type: webhook, url: "${crm.url}", ${fast}`, other: 'type: memory' })
  const event = anEvent()
  await intake(queues, event)
  await crm.untilReceived(1)
  await untilIdle(queues)
  t.same(crm.received.map(({ headers }) => headers['baton-attempt']), ['1', '2', '3', '4'])
  t.same(crm.received.map(idOf), Array(4).fill(event.id))
  t.equal(eventsInMemory('other').length, 1)
  t.match(await deadLetters(queues, 'crm'), { total: 0 })
})

t.test('while one target hangs, the others get their events', async t => {
  const hanging = await receiver(t, () => 'hang')
  const { queues } = await worker(t, { hanging: `type: webhook, url: "${hanging.url}", timeout: 300ms, ${fast}`, quick: 'type: memory' })
  const events = Array.from({ length: 30 }, () => anEvent())
  await intake(queues, ...events)
  await hanging.untilReceived(10)
  while (eventsInMemory('quick').length < events.length) await hanging.untilReceived(hanging.received.length + 1)
  t.equal(eventsInMemory('quick').length, events.length)
  hanging.answer = () => 200
  await untilIdle(queues)
  t.same(new Set(hanging.received.map(idOf)), new Set(events.map(({ id }) => id)))
})

t.test('a module that throws, answers wrongly or never is tried again, loses nothing and delays nobody else', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-worker-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const faults = ['throws', 'short', 'shapeless', 'hangs']
  const { queues } = await worker(t, {
    ...Object.fromEntries(faults.map(fault => [fault, `type: module, module: "${faultyTarget}", settings: { fault: ${fault}, file: "${join(folder, fault)}" }, timeout: 300ms, ${fast}`])),
    quick: 'type: memory'
  })
  const events = Array.from({ length: 5 }, () => anEvent())
  await intake(queues, ...events)
  await untilIdle(queues)
  for (const fault of faults) {
    t.same(readFileSync(join(folder, fault), 'utf8').trim().split('\n').sort(), events.map(({ id }) => `${id} 2`).sort(), fault)
    t.match(await deadLetters(queues, fault), { total: 0 })
  }
  t.equal(eventsInMemory('quick').length, events.length)
})

t.test('400 is a dead letter at once, with exactly that event; replayed after the mend it arrives', async t => {
  const crm = await receiver(t, () => 400)
  const { queues } = await worker(t, { crm: `type: webhook, url: "${crm.url}", ${fast}` })
  const event = anEvent()
  await intake(queues, event)
  await crm.untilReceived(1)
  await untilIdle(queues)
  t.equal(crm.received.length, 1)
  t.match(await deadLetter(queues, 'crm', event.id), { event: { id: event.id, body: event.body }, attempts: 1, reason: /^http_400: / })

  crm.answer = () => 200
  t.equal(await replayDeadLetter(queues, 'crm', event.id), true)
  await crm.untilReceived(2)
  await untilIdle(queues)
  t.match(await deadLetters(queues, 'crm'), { total: 0 })
  t.match(crm.received[1], { headers: { 'webhook-id': event.id, 'baton-attempt': '1' }, body: event.body })
})

t.test('what a receiver answers is kept with the dead letter, alone, in a batch, in lanes and when it is given up; and is logged nowhere', async t => {
  const lines: string[] = []
  const crm = await receiver(t, () => ({ status: 422, body: 'no such customer: Ada' }))
  const busy = await receiver(t, () => ({ status: 503, body: 'busy with Ada' }))
  const mute = await receiver(t, () => 400)
  const { queues } = await worker(t, {
    crm: `type: webhook, url: "${crm.url}"`,
    lanes: `type: webhook, url: "${crm.url}", ordering: { by: key, onFailure: block }`,
    busy: `type: webhook, url: "${busy.url}", retry: { firstDelay: 5ms, maxDelay: 5ms, attempts: 2 }`,
    mute: `type: webhook, url: "${mute.url}"`
  }, createLogger('test', 'trace', { write: line => lines.push(line) }))
  const events = [anEvent(), anEvent({ orderingKey: 'another' })]
  await intake(queues, ...events)
  while ((await Promise.all(['crm', 'lanes', 'busy', 'mute'].map(async name => (await deadLetters(queues, name)).total))).some(total => total < 2)) await untilIdle(queues)
  for (const { id } of events) {
    t.match(await deadLetter(queues, 'crm', id), { reason: /^http_422: (?!.*Ada)/, answer: 'no such customer: Ada' })
    t.match(await deadLetter(queues, 'lanes', id), { reason: /^http_422: (?!.*Ada)/, answer: 'no such customer: Ada', blocks: true })
    t.match(await deadLetter(queues, 'busy', id), { reason: /^http_503: .*after 2 attempts$/, answer: 'busy with Ada' })
    t.match(await deadLetter(queues, 'mute', id), { reason: /^http_400/, answer: undefined })
  }
  const [{ id = '' } = {}] = events
  crm.answer = () => 400
  t.equal(await replayDeadLetter(queues, 'crm', id), true)
  await crm.untilReceived(5)
  await untilIdle(queues)
  t.match(await deadLetter(queues, 'crm', id), { reason: /^http_400/, answer: undefined }, 'what was said once is not said of the next attempt')
  t.match(lines.join(''), /given up/)
  t.notMatch(lines.join(''), /Ada/)
})

t.test('a dead letter is noted as one until it is delivered, so that it can be brought back after a loss of Redis data', async t => {
  const crm = await receiver(t, () => 400)
  const { queues, redis } = await worker(t, { crm: `type: webhook, url: "${crm.url}", ${fast}` })
  const journal = arrayJournal(anEvent(), anEvent())
  const positions = [1, 2].map(seq => ({ journal: journal.id, seq }))
  const forwarder = new Forwarder(queues, journal)
  const forward = async () => { while ((await forwarder.step()).kind !== 'idle'); }
  await forward()
  await crm.untilReceived(2)
  await untilIdle(queues)
  t.equal((await deadAmong(redis, 'crm', positions)).size, 2)
  crm.answer = () => 200
  await replayDeadLetter(queues, 'crm', journal.events[0]?.id ?? '')
  await crm.untilReceived(3)
  await untilIdle(queues)
  t.same(await deadAmong(redis, 'crm', positions), new Set(positions.slice(1)))

  const watch = new JournalWatch(redis, journal.id, { settledTo: 0, notes: new Map() })
  await watch.look({ pointer: 2, noted: 0, trimmedTo: 0 })
  await redis.flushall()
  while ((await forwarder.step()).kind !== 'resynced');
  await watch.restore()
  await giveSign(redis, workerSign, [{ name: 'crm', backlog: 10_000, maxAge: 60_000 }], 'keep') // as its worker does every few seconds: nobody is brought anything before that
  await forward()
  await untilIdle(queues)
  const view = await watch.look({ pointer: 2, noted: 0, trimmedTo: 0 })
  const catchUp = new CatchUp(queues, journal, log)
  if (view !== undefined) await catchUp.plan(view, 0)
  while (await catchUp.step());
  await untilIdle(queues)
  t.same(crm.received.slice(3).map(idOf), [journal.events[1]?.id], 'the dead letter alone was brought again')
  t.equal((await deadAmong(redis, 'crm', positions)).size, 0)
})

t.test('a target past its cap gets no more deliveries, others get theirs, and the journal brings the rest when it works again', async t => {
  const crm = await receiver(t, () => 503)
  const { queues, redis } = await worker(t, { crm: `type: webhook, url: "${crm.url}", backlog: 10, retry: { firstDelay: 1ms, maxDelay: 20ms }`, quick: 'type: memory' })
  const journal = arrayJournal()
  const forwarder = new Forwarder(queues, journal)
  const forward = async () => { while ((await forwarder.step()).kind !== 'idle'); }
  const total = 200
  for (let nth = 0; nth < total; nth++) { // each an intake job of its own
    journal.events.push(anEvent())
    await forward()
  }
  while (eventsInMemory('quick').filter(({ id }) => journal.events.some(event => event.id === id)).length < total) await crm.untilReceived(crm.received.length + 1)
  const [, depth] = await queueDepths(queues)
  const held = (depth?.waiting ?? 0) + (depth?.delayed ?? 0) + (depth?.active ?? 0)
  t.ok(held >= 10 && held < total, `${held} deliveries wait`)
  t.equal(await redis.hexists('baton:{0}:lagging', 'crm'), 1)

  const delivered: unknown[] = []
  crm.answer = request => {
    delivered.push(idOf(request))
    return 200
  }
  const watch = new JournalWatch(redis, journal.id, { settledTo: 0, notes: new Map() })
  const catchUp = new CatchUp(queues, journal, log)
  for (let settledTo = 0; settledTo < total;) {
    const view = await watch.look({ pointer: total, noted: 0, trimmedTo: 0 })
    if (view === undefined) return t.fail('no view')
    settledTo = view.settledTo
    await catchUp.plan(view, 0)
    while (await catchUp.step());
    await untilIdle(queues)
  }
  t.equal(delivered.length, total)
  t.same(new Set(delivered), new Set(journal.events.map(({ id }) => id)))
})

t.test('what is rewound is delivered once more whatever became of it, and to the named target alone', async t => {
  const crm = await receiver(t, () => 400)
  const { queues, redis } = await worker(t, { crm: `type: webhook, url: "${crm.url}", ${fast}`, rest: 'type: memory' })
  const journal = arrayJournal(anEvent(), anEvent(), anEvent())
  const forwarder = new Forwarder(queues, journal)
  while ((await forwarder.step()).kind !== 'idle');
  await crm.untilReceived(1)
  await untilIdle(queues)
  const before = crm.received.length
  const inMemory = eventsInMemory('rest').length
  crm.answer = () => 200
  await orderRewind(redis, { since: 0, target: 'crm', dryRun: false })
  const rewinder = new Rewinder(queues, new IntakeWriter(queues), journal, log)
  await rewinder.look(3)
  while (await rewinder.step());
  await crm.untilReceived(before + 3)
  await untilIdle(queues)
  t.same(crm.received.slice(before).map(idOf).toSorted(), journal.events.map(({ id }) => id).toSorted())
  t.equal(eventsInMemory('rest').length, inMemory)
  t.match(await deadLetters(queues, 'crm'), { total: 0 })
})

t.test('a batch with mixed outcomes splits: each event meets its own fate', async t => {
  const [fine, failing, poisoned] = [anEvent(), anEvent(), anEvent()]
  const attempts = new Map<unknown, number>()
  const crm = await receiver(t, request => {
    const nth = (attempts.get(idOf(request)) ?? 0) + 1
    attempts.set(idOf(request), nth)
    return idOf(request) === poisoned.id ? 422 : idOf(request) === failing.id && nth < 3 ? 503 : 200
  })
  const { queues } = await worker(t, { crm: `type: webhook, url: "${crm.url}", ${fast}` })
  await queues.addDeliveries([{ target: 'crm', events: [fine, failing, poisoned], since: Date.now(), attempts: 0 }])
  await crm.untilReceived(5)
  await untilIdle(queues)
  t.same(Object.fromEntries(attempts), { [fine.id]: 1, [failing.id]: 3, [poisoned.id]: 1 })
  t.same(crm.received.filter(request => idOf(request) === failing.id).map(({ headers }) => headers['baton-attempt']), ['1', '2', '3'])
  t.match(await deadLetters(queues, 'crm'), { total: 1, letters: [{ event: { id: poisoned.id }, attempts: 1, reason: /^http_422/ }] })
})

t.test('an event is given up after its attempts, and says so', async t => {
  const crm = await receiver(t, () => 503)
  const { queues } = await worker(t, { crm: `type: webhook, url: "${crm.url}", retry: { firstDelay: 5ms, maxDelay: 5ms, attempts: 3 }` })
  const event = anEvent()
  await intake(queues, event)
  await crm.untilReceived(3)
  await untilIdle(queues)
  t.equal(crm.received.length, 3)
  t.match(await deadLetter(queues, 'crm', event.id), { attempts: 3, reason: /^http_503: .* given up after 3 attempts/ })
})

t.test('a worker that closes waits for the delivery in hand', async t => {
  const crm = await receiver(t, () => 'hang')
  const { queues, close } = await worker(t, { crm: `type: webhook, url: "${crm.url}"` })
  await intake(queues, anEvent())
  await crm.untilReceived(1)
  const closing = close()
  await crm.stop() // breaks the connection: the attempt in hand ends, to be retried
  await closing
  t.match(await queueDepths(queues), [{ queue: 'intake', waiting: 0, active: 0 }, { queue: 'to-crm', waiting: 0, active: 0, delayed: 1, dead: 0 }])
})

t.test('an event that was claimed, but whose delivery Redis has lost, is delivered all the same', async t => {
  const { queues } = await worker(t, { kept: 'type: memory' })
  const journal = arrayJournal(anEvent(), anEvent())
  const [lost, settled] = journal.events.map((event, at) => ({ ...event, journal: journal.id, seq: at + 1 }))
  if (lost === undefined || settled === undefined) return t.fail('two events')
  await claimEvents(queues.redis, [lost, settled])
  await markSettled(queues.redis, 'kept', [settled])
  const forwarder = new Forwarder(queues, journal)
  while ((await forwarder.step()).kind !== 'idle');
  await untilIdle(queues)
  t.same(eventsInMemory('kept').map(({ id }) => id), [lost.id], 'only a settled mark is proof')
})

t.test('metrics tell outcomes by target', async t => {
  const crm = await receiver(t, () => 400)
  const { queues, urls } = await worker(t, { crm: `type: webhook, url: "${crm.url}"` })
  await intake(queues, anEvent())
  await crm.untilReceived(1)
  await untilIdle(queues)
  const text = await (await fetch(`${urls.worker}/metrics`)).text()
  t.match(text, 'baton_delivery_outcomes_total{target="crm",outcome="reject"} 1')
  t.match(text, 'baton_delivery_outcomes_total{target="crm",outcome="dead"} 1')
  t.equal((await fetch(`${urls.worker}/readyz`)).status, 200)
})

t.test('a relay file with problems stops the start, and names all of them', async t => {
  const config = join(t.testdir({}), 'baton.yaml')
  writeFileSync(config, [
    'apps: [{ sdkAppId: "${TOKENS_ARE_THE_INGRESS_S}" }]',
    'targets:',
    '  Crm: { type: webhook, url: "http://x" }',
    '  a: { type: webhok }',
    '  b: { type: webhook, url: "ftp://x", commands: ["Group.{}"], colour: red }',
    '  c: { type: webhook, url: "${NOT_SET_ANYWHERE}", timeout: 10 }',
    '  d: { type: memory, retry: { firstDelay: 1h, maxDelay: 1m }, timeout: 1h }',
    ''
  ].join('\n'))
  await t.rejects(startWorker({ settings: readSettings({ BATON_CONFIG: config, REDIS_URL: 'redis://127.0.0.1:1' }), log }), {
    code: 'RELAY_FILE_INVALID',
    problems: [
      /:3:3 targets\.Crm: a target's name/,
      /:4:8 targets\.a\.type: is unknown; there are kafka, memory, module, mysql, nats, postgres, rabbitmq, webhook; did you mean webhook\?/,
      /:5:23 targets\.b\.url: does not fit\. .*http/,
      /:5:50 targets\.b\.commands\[0\]: does not fit/,
      /:5:63 targets\.b\.colour: unknown key/,
      /:6:28 the variable .*NOT_SET_ANYWHERE/,
      /:6:51 targets\.c\.timeout: must be text, and is a number\. .*10s/,
      /:7:47 targets\.d\.retry\.maxDelay: must not be below firstDelay/,
      /:7:63 targets\.d\.timeout: must lie between/
    ]
  })
})
