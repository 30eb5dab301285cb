import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Forwarder, JournalWatch, Queues, connectRedis, deadLetter, deadLetters, queueDepths, registeredTargets, untilReady } from '@baton/queue'
import { RelayDocument, createLogger, readSettings } from '@baton/runtime'
import { eventsInMemory, readTargets } from '@baton/targets'
import { anEvent, arrayJournal, receiver, redisServer } from '@baton/testing'
import { filterLog } from '../src/filter-log.ts'
import { startWorker } from '../src/index.ts'
import { Wishes } from '../src/wishes.ts'

const silent = createLogger('test', 'silent')

/** A worker on a Redis of the test's own, the queues as the ingress has them, and what it logs. */
async function worker (t: Test, targets: Record<string, string>) {
  const server = await redisServer(t)
  const config = join(t.testdir({}), 'baton.yaml')
  writeFileSync(config, `apps: [{ sdkAppId: 1400000000 }]\ntargets:\n${Object.entries(targets).map(([name, settings]) => `  ${name}: { ${settings} }\n`).join('')}`)
  const redis = connectRedis(server.url, 'consumer', silent)
  const queues = new Queues(redis)
  await untilReady(redis, server.url, 5_000)
  const lines: string[] = []
  const log = createLogger('test', 'warn', { write: line => { lines.push(line) } })
  const running = await startWorker({ settings: readSettings({ BATON_CONFIG: config, REDIS_URL: server.url, WORKER_PORT: '0' }), log })
  t.teardown(async () => {
    await running.close()
    await queues.close()
    redis.disconnect()
  })
  return { ...running, queues, redis, lines }
}

/** Brings events of a journal into intake, and resolves once no job waits, is delayed or in hand. */
async function relay (queues: Queues, journal: ReturnType<typeof arrayJournal>): Promise<void> {
  const forwarder = new Forwarder(queues, journal)
  while ((await forwarder.step()).kind !== 'idle');
  const streams = ['intake', ...(await registeredTargets(queues.redis)).map(target => `to-${target}`)].map(queue => `baton:{0}:${queue}:events`)
  const reader = queues.redis.duplicate()
  while ((await queueDepths(queues)).some(({ waiting, delayed, active }) => waiting + delayed + active > 0)) await reader.xread('BLOCK', 200, 'STREAMS', ...streams, ...streams.map(() => '$'))
  reader.disconnect()
}

const metric = async (url: string | undefined, name: string, target: string) =>
  Number(new RegExp(`^${name}\\{target="${target}"\\} (\\d+)$`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1])

t.test('a target gets the events that its filter wants, and the others are settled as filtered', async t => {
  const { queues, redis, urls } = await worker(t, {
    communities: 'type: memory, filter: groupType == "Community"',
    humans: 'type: memory, commands: ["Group.*"], filter: \'query.OptPlatform != "RESTAPI" && !body.Name.startsWith("test")\'',
    all: 'type: memory'
  })
  const community = anEvent({ command: 'Group.CallbackAfterCreateTopic', body: { Type: 'Community', Name: 'cats' }, query: 'OptPlatform=iOS' })
  const robots = anEvent({ body: { Type: 'Public', Name: 'dogs' }, query: 'OptPlatform=RESTAPI' })
  const trial = anEvent({ body: { Type: 'Public', Name: 'test 1' }, query: 'OptPlatform=Web' })
  const journal = arrayJournal(community, robots, trial)
  await relay(queues, journal)
  const idsAt = (name: string) => eventsInMemory(name).map(({ id }) => id)
  t.same(idsAt('communities'), [community.id])
  t.same(idsAt('humans'), [community.id])
  t.equal(idsAt('all').length, 3)
  t.equal(await metric(urls.worker, 'baton_events_filtered_total', 'communities'), 2)
  t.equal(await metric(urls.worker, 'baton_events_filtered_total', 'humans'), 2)
  t.equal(await metric(urls.worker, 'baton_events_filtered_total', 'all'), 0)
  t.equal(await metric(urls.worker, 'baton_filter_unclear_events_total', 'humans'), 0)
  const view = await new JournalWatch(redis, journal.id, { settledTo: 0, notes: new Map() }).look({ pointer: 3, noted: 0, trimmedTo: 0 })
  t.equal(view?.settledTo, 3, 'filtered is settled: the journal may forget them')
})

t.test('an event for which a filter cannot be evaluated is not delivered, but counted, and told in the log without its values', async t => {
  const { queues, urls, lines } = await worker(t, { topics: 'type: memory, filter: body.TopicName == "cats"', all: 'type: memory' })
  const events = [anEvent({ body: { Name: 'a secret name' } }), anEvent({ body: { TopicName: 'cats' } }), anEvent()]
  await relay(queues, arrayJournal(...events))
  t.same(eventsInMemory('topics').map(({ id }) => id), [events[1]?.id])
  t.equal(eventsInMemory('all').length, 3)
  t.equal(await metric(urls.worker, 'baton_filter_unclear_events_total', 'topics'), 2)
  t.equal(await metric(urls.worker, 'baton_events_filtered_total', 'topics'), 2)
  const told = lines.map(line => JSON.parse(line)).filter(({ msg }) => /filter/.test(msg))
  t.match(told, [{ target: 'topics', event: events[0]?.id, problem: 'no_such_key at TopicName', msg: /has\(body\.Name\)/ }])
  t.equal(told.length, 1, 'sparingly')
  t.notMatch(lines.join(), 'a secret name')
})

t.test('the log tells of unclear events once, then with a count after a while, for each target', async t => {
  const lines: Array<Record<string, unknown>> = []
  let now = 0
  const tell = filterLog(createLogger('test', 'warn', { write: line => { lines.push(JSON.parse(line)) } }), () => now)
  const trouble = { event: 'evt_1', command: 'Group.X', problem: 'no_such_key at A' }
  for (const [at, target] of [[0, 'a'], [1, 'a'], [2, 'b'], [59_999, 'a'], [60_000, 'a'], [60_001, 'a']] as const) {
    now = at
    tell(target, trouble)
  }
  t.match(lines, [{ target: 'a', events: 1 }, { target: 'b', events: 1 }, { target: 'a', events: 3 }])
  t.equal(lines.length, 3)
})

t.test('a body is read once, whatever the number of targets, and not at all where none asks for it', async t => {
  const read = async (targets: Record<string, string>) => {
    const document = new RelayDocument('baton.yaml', `targets:\n${Object.entries(targets).map(([name, settings]) => `  ${name}: { ${settings} }\n`).join('')}`, () => undefined)
    const configured = await readTargets(document)
    t.same(document.problems, [])
    let times = 0
    const { body, ...rest } = anEvent()
    const event = { ...rest, body: Object.assign(Buffer.from(body), { toString: () => { times += 1; return body.toString() } }) }
    const wishes = new Wishes([event], { metrics: { unclear: { inc: () => {} } }, filterLog: () => {} })
    for (const target of [...configured, ...configured]) t.equal(wishes.of(target).size, 1, target.name)
    return times
  }
  t.equal(await read({ a: 'type: memory', b: 'type: memory, commands: ["*"]', c: 'type: memory, filter: app == 1400000000 && command.startsWith("Group.")' }), 0)
  t.equal(await read({ a: 'type: memory, filter: has(body.GroupId)', b: 'type: memory, filter: groupId != "" && body.GroupId == groupId', c: 'type: memory, filter: groupType != "x"' }), 1)
})

t.test('the file says what an answer means: no retry, a dead letter, or a delivery', async t => {
  const crm = await receiver(t, ({ body }) => Number(JSON.parse(String(body)).Status))
  const { queues, urls } = await worker(t, { crm: `type: webhook, url: "${crm.url}", retry: { firstDelay: 1ms, maxDelay: 5ms }, outcomes: { http_409: delivered, http_503: reject, timeout: reject }` })
  const [had, busy] = [anEvent({ body: { Status: 409 } }), anEvent({ body: { Status: 503 } })]
  await relay(queues, arrayJournal(had, busy))
  t.equal(crm.received.length, 2)
  t.match(await deadLetters(queues, 'crm'), { total: 1 })
  t.match(await deadLetter(queues, 'crm', busy.id), { attempts: 1, reason: 'http_503: the receiver answered 503 (reject by outcomes: http_503)' })
  t.match(await (await fetch(`${urls.worker}/metrics`)).text(), 'baton_delivery_outcomes_total{target="crm",outcome="delivered"} 1')
})

t.test('also a target that overstays is judged by the file, and what Redis keeps of a masked event is the whole of it', async t => {
  const crm = await receiver(t, () => 'hang')
  const { queues } = await worker(t, { crm: `type: webhook, url: "${crm.url}", timeout: 100ms, outcomes: { timeout: reject }, maskKey: "0123456789abcdef", mask: [{ field: /Name, action: drop }]` })
  const event = anEvent({ body: { Name: 'cats' } })
  await relay(queues, arrayJournal(event))
  t.notMatch(String(crm.received[0]?.body), 'cats')
  t.match(await deadLetter(queues, 'crm', event.id), { reason: /^timeout: .*reject by outcomes/, event: { body: event.body } })
})
