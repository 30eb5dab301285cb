import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { queueDepths } from '@baton/queue'
import { createLogger, readSettings } from '@baton/runtime'
import { anEvent, receiver } from '@baton/testing'
import { startWorker } from '../src/index.ts'
import { queueFigures } from '../src/queue-figures.ts'
import { workerMetrics } from '../src/worker-metrics.ts'
import { redis, worker } from './worker-process.ts'

t.jobs = 4 // most of the time is spent waiting for processes that have every reason to take theirs

t.test('a worker that is to stop hands back what hangs at its target, with no attempt counted, and ends with code 0', { buffered: true }, async t => {
  const { url, queues, intake } = await redis(t)
  const crm = await receiver(t, () => 'hang')
  const { get, ask, exited } = await worker(t, url, `type: webhook, url: "${crm.url}", timeout: 5m`)
  t.same(await get('/readyz'), { status: 200, text: 'ready\n' })
  const event = anEvent()
  await intake(event)
  await crm.untilReceived(1)
  await ask()
  t.same(await get('/readyz'), { status: 503, text: 'this worker is stopping\n' })
  t.equal(await exited, 0)
  t.match(await queueDepths(queues), [{}, { queue: 'to-crm', active: 0 }])
  t.match(await queues.get('to-crm').getJob(`d-${event.id}`), { attemptsMade: 0 })
})

t.test('a worker that is to stop ends with code 0 in time while Redis and the target hang; until then it tells what it knows', { buffered: true }, async t => {
  const { url, intake, hang } = await redis(t)
  const crm = await receiver(t, () => 'hang')
  const { get, ask, exited } = await worker(t, url, `type: webhook, url: "${crm.url}", timeout: 5m`)
  await intake(anEvent())
  await crm.untilReceived(1)
  hang()
  const { status, text } = await get('/metrics')
  t.equal(status, 200)
  t.match(text, /^baton_redis_answers 0$/m)
  t.match(text, /^baton_deliveries_in_hand{target="crm"} 1$/m)
  t.notMatch(text, /^baton_(deliveries|intake_jobs|oldest_due_seconds|quarantine_entries)\b.* \d/m)
  t.match(await get('/readyz'), { status: 503 })
  await ask()
  t.equal(await exited, 0)
})

t.test('a worker that is to stop ends with code 0 while Redis is away', { buffered: true }, async t => {
  const { url, intake, stop } = await redis(t)
  const crm = await receiver(t, () => 'hang')
  const { get, ask, exited } = await worker(t, url, `type: webhook, url: "${crm.url}", timeout: 5m`)
  await intake(anEvent())
  await crm.untilReceived(1)
  await stop()
  while (!(await get('/readyz')).text.startsWith('Redis is away'));
  await ask()
  t.equal(await exited, 0)
})

t.test('a database that does not say goodbye holds up nobody', { buffered: true }, async t => {
  const { url, intake } = await redis(t)
  const silent = createServer().listen(0, '127.0.0.1')
  t.teardown(() => { silent.close() })
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const { terminate, exited } = await worker(t, url, `type: postgres, url: "postgres://me:secret@127.0.0.1:${port}/chat", timeout: 100ms`)
  await intake(anEvent())
  const [socket] = await once(silent, 'connection')
  t.teardown(() => { socket.destroy() })
  const began = performance.now()
  terminate()
  t.equal(await exited, 0)
  t.ok(performance.now() - began < 5_000)
})

t.test('metrics tell of attempts, of what is in hand, and of what the queues hold', { buffered: true }, async t => {
  const { url, queues, intake } = await redis(t)
  const crm = await receiver(t, () => 503)
  const config = join(t.testdir({}), 'baton.yaml')
  writeFileSync(config, `apps: [{ sdkAppId: 1400000000 }]\ntargets: { crm: { type: webhook, url: "${crm.url}", concurrency: 2, timeout: 5m, retry: { firstDelay: 1h, maxDelay: 1h } }, memory: { type: memory, commands: [None] } }\n`)
  const { urls, close } = await startWorker({ settings: readSettings({ BATON_CONFIG: config, REDIS_URL: url, WORKER_PORT: '0' }), log: createLogger('test', 'silent') })
  t.teardown(async () => {
    await crm.stop()
    await close()
  })
  const text = async () => await (await fetch(`${urls.worker}/metrics`)).text()
  const first = await text()
  for (const line of [
    'baton_redis_answers 1', 'baton_events_routed_total 0', 'baton_delivery_outcomes_total{target="crm",outcome="dead"} 0', 'baton_events_settled_total{target="memory"} 0',
    'baton_deliveries{target="crm",state="waiting"} 0', 'baton_intake_jobs{state="waiting"} 0', 'baton_oldest_due_seconds{target="crm"} 0', 'baton_target_failing_seconds{target="crm"} 0',
    'baton_quarantine_entries{quarantine="quarantine"} 0', 'baton_quarantine_entries{quarantine="quarantine-unsigned"} 0'
  ]) t.match(first, `${line}\n`)

  const until = async (...lines: string[]) => { for (let now = ''; !lines.every(line => now.includes(`${line}\n`)); now = await text()); }
  await intake(anEvent())
  await until('baton_delivery_outcomes_total{target="crm",outcome="retry"} 1', 'baton_events_filtered_total{target="memory"} 1', 'baton_deliveries_in_hand{target="crm"} 0')
  t.match(await text(), /^baton_target_failing_seconds{target="crm"} \d/m)
  crm.answer = (_, nth) => nth <= 3 ? 'hang' : 200
  for (let nth = 0; nth < 4; nth++) await intake(anEvent()) // of these two hang, and two wait
  await until('baton_deliveries_in_hand{target="crm"} 2', 'baton_events_routed_total 5')
  const look = queueFigures(queues, { validity: 0 })
  let figures = await look()
  while (figures?.depths[0]?.active !== 0 || figures.depths[1]?.delayed !== 1) figures = await look() // verdicts are carried out a little later
  t.match(figures.depths, [{ queue: 'intake', waiting: 0 }, { target: 'crm', waiting: 2, active: 2, dead: 0 }, { target: 'memory' }])
  t.same([...figures.oldestDue.keys()], ['crm'])
  t.match(figures.quarantined, new Map([['quarantine', 0], ['quarantine-unsigned', 0]]))
})

t.test('one look at most waits for a Redis that hangs, and its figures hold for a while', { buffered: true }, async t => {
  const { redis: connection, queues, hang, intake } = await redis(t)
  let looks = 0
  const original = connection.smembers.bind(connection) // each look asks once for the targets
  Object.defineProperty(connection, 'smembers', { value: async (key: string) => { looks += 1; return await original(key) } })
  const holding = queueFigures(queues, { validity: 60_000 })
  const [one, other] = await Promise.all([holding(), holding()])
  t.match(one, { depths: [{ queue: 'intake', waiting: 0 }] })
  t.equal(one, other)
  await intake(anEvent())
  t.equal(await holding(), one)
  t.equal(looks, 1)

  const anew = queueFigures(queues, { validity: 0, patience: 50 })
  t.match(await anew(), { depths: [{ queue: 'intake', waiting: 1 }] })
  t.match(await anew(), { depths: [{ queue: 'intake', waiting: 1 }] })
  t.equal(looks, 3)
  hang()
  for (let nth = 0; nth < 5; nth++) t.equal(await anew(), undefined)
  t.equal(looks, 4)
})

t.test('every metric stands in the table with its type and labels, and nothing else does', { buffered: true }, async t => {
  const [, , section = ''] = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8').split(/^## .*$/m)
  const rows = [...section.matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) ?\| /gm)].map(([, name, type, labels = '']) => ({ name, type, labels: [...labels.matchAll(/\w+/g)].map(([label]) => label) }))
  const { described } = workerMetrics({ targets: () => [], relayFile: () => ({ staleFor: 0, isRefused: false }), figures: async () => undefined })
  t.same(rows.toSorted((a, b) => String(a.name).localeCompare(String(b.name))), described.toSorted((a, b) => a.name.localeCompare(b.name)))
})
