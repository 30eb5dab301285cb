import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { CatchUp, Forwarder, JournalWatch, deadLetters, giveSign, livingWorkers, registerJournal, registeredTargets, retirements, type Queues } from '@baton/queue'
import { targetResume, targetRetire } from '@baton/operations'
import { createLogger, readSettings } from '@baton/runtime'
import { anEvent, arrayJournal, receiver, workerSign, type Received, type Receiver } from '@baton/testing'
import { startWorker } from '../src/index.ts'
import { redis } from './worker-process.ts'

t.jobs = 4 // most of the time is spent waiting for files to rest and for signs of life

const silent = createLogger('test', 'silent')
const fast = 'retry: { firstDelay: 20ms, maxDelay: 50ms }'
const idOf = ({ headers }: Received) => String(headers['webhook-id'])

type Targets = Record<string, string>
const fileOf = (targets: Targets) => `apps: [{ sdkAppId: 1400000000 }]\ntargets:\n${Object.entries(targets).map(([name, settings]) => `  ${name}: { ${settings} }\n`).join('')}`
const hook = ({ url }: Receiver, more = '') => `type: webhook, url: "${url}", ${fast}${more}`

/** A worker with a relay file of its own, and what it logs from now on. */
async function worker (t: Test, REDIS_URL: string, targets: Targets, name = 'baton') {
  const config = join(t.testdirName, `${name}.yaml`)
  writeFileSync(config, fileOf(targets))
  const stream = new PassThrough()
  const lines = createInterface({ input: stream })
  const running = await startWorker({ settings: readSettings({ BATON_CONFIG: config, REDIS_URL, WORKER_PORT: '0' }), log: createLogger('test', 'info', stream) })
  let ended = false
  const close = async () => {
    if (!ended) await running.close()
    ended = true
  }
  t.teardown(close)
  /** Resolves with the next log line that matches. */
  const logged = async (text: RegExp): Promise<string> => {
    for (;;) {
      const [line] = await once(lines, 'line')
      if (text.test(String(line))) return String(line)
    }
  }
  return {
    close,
    logged,
    reload: async () => await running.reload?.(),
    put: (targets: Targets) => { writeFileSync(config, fileOf(targets)) },
    write: (text: string) => {
      writeFileSync(`${config}.new`, text)
      renameSync(`${config}.new`, config)
    },
    /** Writes the file, and resolves once it is read anew. */
    change: async (targets: Targets) => {
      const read = logged(/the relay file was read anew, and is taken/)
      writeFileSync(config, fileOf(targets))
      return JSON.parse(await read)
    },
    metric: async (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await (await fetch(`${running.urls['worker']}/metrics`)).text())?.[1])
  }
}

const sign = { at: 0, depth: 0, unsettled: 0, unforwarded: 0, oldestUnsettledAt: null, unsettledBytes: 0, retainedBytes: 0, unprotected: 0 }

/** A journal, and what brings its events into intake. */
async function journal (queues: Queues) {
  const journal = arrayJournal()
  await registerJournal(queues.redis, journal.id, sign)
  const forwarder = new Forwarder(queues, journal)
  return {
    ...journal,
    take: async (...events: ReturnType<typeof anEvent>[]) => {
      journal.events.push(...events)
      while ((await forwarder.step()).kind !== 'idle');
    },
    /** Looks as an ingress does; how every target stands. */
    look: async (watch = new JournalWatch(queues.redis, journal.id, { settledTo: 0, notes: new Map() })) => {
      const view = await watch.look({ pointer: journal.events.length, noted: 0, trimmedTo: 0 })
      if (view === undefined) throw new Error('Redis is not as it is thought to be')
      const catchUp = new CatchUp(queues, journal, silent)
      await catchUp.plan(view, 0)
      while (await catchUp.step());
      return view
    }
  }
}

t.before(() => t.testdir({}))

t.test('a changed file is taken: new targets get what is routed from then on, changed ones their new settings, others go on without a pause', { buffered: true }, async t => {
  t.testdir({})
  const { url, queues } = await redis(t)
  const [slow, before, after, late] = [await receiver(t, () => 'hang'), await receiver(t), await receiver(t), await receiver(t)]
  const { change } = await worker(t, url, { slow: hook(slow, ', timeout: 2s'), crm: hook(before) })
  const { take } = await journal(queues)
  const [first, second] = [anEvent(), anEvent()]
  await take(first)
  await slow.untilReceived(1)
  await before.untilReceived(1)
  t.match(await change({ slow: hook(slow, ', timeout: 2s'), crm: hook(after), late: hook(late) }), { added: ['late'], changed: ['crm'], removed: [] })
  slow.answer = () => 200
  await take(second)
  await late.untilReceived(1)
  await after.untilReceived(1)
  await slow.untilReceived(2)
  t.same(before.received.map(idOf), [first.id])
  t.same(after.received.map(idOf), [second.id])
  t.same(late.received.map(idOf), [second.id])
  const attempts = slow.received.filter(request => idOf(request) === first.id).map(({ headers }) => Number(headers['baton-attempt']))
  t.same(attempts, attempts.map((_, at) => at + 1), 'the delivery in hand was not handed back')
})

t.test('a file that does not fit is refused, and tells why; the one before it stays until it is mended', { buffered: true }, async t => {
  t.testdir({})
  const { url, queues } = await redis(t)
  const crm = await receiver(t)
  const { write, logged, metric, change } = await worker(t, url, { crm: hook(crm) })
  const { take } = await journal(queues)
  for (const [text, why] of [
    ['apps: [', /RELAY_FILE_REFUSED/],
    ['apps: [{ sdkAppId: 1400000000 }]\ntargets: { crm: { type: webhok } }\n', /did you mean webhook/],
    [fileOf({ crm: hook(crm), own: 'type: module, module: ./not-there.mjs' }), /there is no file/],
    [fileOf({ crm: hook(crm), local: 'type: postgres, url: embedded' }), /the embedded PostgreSQL begins with `baton up` only/]
  ] as const) {
    const refused = logged(/RELAY_FILE_REFUSED/)
    write(text)
    t.match(await refused, why)
    t.equal(await metric('baton_relay_file_refused'), 1)
  }
  const event = anEvent()
  await take(event)
  await crm.untilReceived(1)
  t.same(crm.received.map(idOf), [event.id])
  t.match(await change({ crm: hook(crm, ', concurrency: 2') }), { changed: ['crm'] })
  t.equal(await metric('baton_relay_file_refused'), 0)
})

t.test('a target with a backlog cannot be edited away; drained, it gets what it awaits and nothing new, and then the file is taken', { buffered: true }, async t => {
  t.testdir({})
  const { url, queues } = await redis(t)
  const [crm, other] = [await receiver(t, () => 503), await receiver(t)]
  const { change, write, logged, metric } = await worker(t, url, { crm: hook(crm), other: hook(other) })
  const { take, look } = await journal(queues)
  const [waiting, later] = [anEvent(), anEvent()]
  await take(waiting)
  await crm.untilReceived(1)
  const refused = logged(/RELAY_FILE_REFUSED/)
  write(fileOf({ other: hook(other) }))
  t.match(await refused, /targets.crm is gone from the file.*target retire crm --drain/)

  t.match(await targetRetire(queues, 'crm', { mode: 'drain', dryRun: true }), { found: { deliveries: 1, dead: 0 }, done: false })
  const taken = logged(/the relay file was read anew, and is taken/)
  const known = logged(/is being retired/)
  const retired = targetRetire(queues, 'crm', { mode: 'drain', interval: 50 })
  await known
  await take(later)
  await other.untilReceived(2)
  crm.answer = () => 200
  t.match(await retired, { done: true })
  await taken
  t.equal(await metric('baton_relay_file_refused'), 0)
  t.same(new Set(crm.received.map(idOf)), new Set([waiting.id]), 'it got nothing new')
  t.same(await registeredTargets(queues.redis), ['other'])
  t.same((await look()).targets.map(({ name }) => name), ['other'])
  t.match(await targetRetire(queues, 'crm', { mode: 'drain' }), { done: true }, 'again is no harm')

  const again = anEvent()
  t.match(await change({ other: hook(other), crm: hook(crm) }), { added: ['crm'] })
  await take(again)
  while (idOf(crm.received.at(-1) as Received) !== again.id) await crm.untilReceived(crm.received.length + 1)
  t.notOk(crm.received.some(request => idOf(request) === later.id), 'named again it begins anew')
  t.notOk((await retirements(queues.redis)).has('crm'))
})

t.test('a target that is dropped gets nothing any more, and nothing of it is left; one with dead letters cannot be drained', { buffered: true }, async t => {
  t.testdir({})
  const { url, queues } = await redis(t)
  const [crm, lanes] = [await receiver(t, (_, nth) => nth === 1 ? 400 : 503), await receiver(t, () => 503)]
  const { logged } = await worker(t, url, { crm: hook(crm, ', concurrency: 1'), 'crm-lanes': hook(lanes, ', ordering: { by: key }') })
  const { id, take, look } = await journal(queues)
  const watch = new JournalWatch(queues.redis, id, { settledTo: 0, notes: new Map() })
  await take(anEvent())
  await crm.untilReceived(1)
  while ((await deadLetters(queues, 'crm')).total === 0) await crm.untilReceived(1)
  await t.rejects(targetRetire(queues, 'crm', { mode: 'drain', interval: 50 }), { code: 'BAD_ARGUMENT', message: /1 dead letters.*baton dead list --target crm/s })
  t.ok(await targetResume(queues, 'crm'), 'it is not retired any more')
  while ((await livingWorkers(queues.redis)).some(({ knowsRetired }) => knowsRetired.length > 0)) await wait(100)
  await take(...Array.from({ length: 20 }, () => anEvent()))
  await crm.untilReceived(3)
  await lanes.untilReceived(3)
  await look(watch)

  for (const name of ['crm', 'crm-lanes']) {
    const known = logged(/is being retired/)
    t.match(await targetRetire(queues, name, { mode: 'drop', interval: 50 }), { done: true, found: { dead: name === 'crm' ? 1 : 0 } })
    await known
    const own = (await queues.redis.keys('*')).filter(key => new RegExp(`[:-]${name}(:|$)`).test(key))
    t.same(own, [], `nothing is left of ${name}`)
    t.match(await look(watch), { targets: name === 'crm' ? [{ name: 'crm-lanes' }] : [] })
  }
  await t.rejects(targetResume(queues, 'crm'), { code: 'NOT_FOUND' })
  await t.rejects(targetRetire(queues, 'crn', { mode: 'drop' }), { code: 'NOT_FOUND' })
})

t.test('nobody delivers to an orphan: it cannot be drained, and a start tells of it', { buffered: true }, async t => {
  t.testdir({})
  const { url, queues } = await redis(t)
  const crm = await receiver(t, () => 503)
  const first = await worker(t, url, { crm: hook(crm) })
  const { take } = await journal(queues)
  await take(anEvent())
  await crm.untilReceived(1)
  await first.close()
  await t.rejects(targetRetire(queues, 'crm', { mode: 'drain', interval: 50 }), { code: 'BAD_ARGUMENT', message: /No worker delivers to crm/ })
  t.ok(await targetResume(queues, 'crm'))
  const lines: string[] = []
  const config = join(t.testdirName, 'other.yaml')
  writeFileSync(config, fileOf({ other: 'type: memory' }))
  const running = await startWorker({ settings: readSettings({ BATON_CONFIG: config, REDIS_URL: url, WORKER_PORT: '0' }), log: createLogger('test', 'warn', { write: line => { lines.push(line) } }) })
  t.teardown(running.close)
  t.match(lines.join(''), /TARGET_ORPHANED.*target retire crm --drop/)
})

t.test('events are routed by one file at a time: a new target gets every event from where it begins, and nobody misses one', { buffered: true }, async t => {
  t.testdir({})
  const { url, queues } = await redis(t)
  const [crm, late] = [await receiver(t), await receiver(t)]
  const old = await worker(t, url, { crm: hook(crm) }, 'old')
  const { events, take } = await journal(queues)
  const done = new AbortController()
  const flow = (async () => {
    while (!done.signal.aborted) {
      await take(...Array.from({ length: 20 }, () => anEvent()))
      await crm.untilReceived(Math.max(1, events.length - 200))
    }
  })()
  await crm.untilReceived(200)
  const stale = old.metric('baton_relay_file_stale_seconds')
  t.equal(await stale, 0)
  await worker(t, url, { crm: hook(crm), late: hook(late) }, 'new')
  const begin = events.length
  await late.untilReceived(500)
  done.abort()
  await flow
  t.ok(begin > 0 && begin < events.length, 'it came in the middle')
  await crm.untilReceived(events.length)
  const ids = events.map(({ id }) => id)
  while (!ids.every(id => crm.received.some(request => idOf(request) === id))) await crm.untilReceived(crm.received.length + 1)
  const own = ids.slice(begin)
  while (!own.every(id => late.received.some(request => idOf(request) === id))) await late.untilReceived(late.received.length + 1)
  t.ok(await old.metric('baton_relay_file_stale_seconds') > 0)
  t.equal((await livingWorkers(queues.redis)).length, 2)
})

t.test('what waits in intake when a new target comes is its own, also where it has to come from the journal', { buffered: true }, async t => {
  t.testdir({})
  const { url, queues } = await redis(t)
  const [crm, late] = [await receiver(t), await receiver(t, () => 503)]
  const old = await worker(t, url, { crm: hook(crm) }, 'old')
  const { id, events, take, look } = await journal(queues)
  await take(anEvent())
  await crm.untilReceived(1)
  await old.close()
  await take(...Array.from({ length: 900 }, () => anEvent()))
  await worker(t, url, { crm: hook(crm), late: hook(late, ', backlog: 10, breaker: { failures: 1000 }') }, 'new')
  await crm.untilReceived(901)
  const watch = new JournalWatch(queues.redis, id, { settledTo: 0, notes: new Map() })
  t.ok((await look(watch)).settledTo < 900, 'the journal waits for it')
  late.answer = () => 200
  while (new Set(late.received.map(idOf)).size < 900) {
    await look(watch)
    await wait(50)
  }
  const [first] = events
  t.notOk(late.received.some(request => idOf(request) === first?.id), 'what was routed before is not')
  while ((await look(watch)).settledTo < 901) await wait(50)
})

t.test('files that change one after the other, at once, leave one consumer for each target, and it works', { buffered: true }, async t => {
  t.testdir({})
  const { url, queues } = await redis(t)
  const crm = await receiver(t)
  const { put, reload, close } = await worker(t, url, { crm: hook(crm) })
  const reloads: Promise<unknown>[] = []
  for (let nth = 1; nth <= 20; nth++) {
    put({ crm: hook(crm, `, timeout: ${nth}s`) })
    reloads.push(reload())
    if (nth % 3 === 0) await reloads.at(-1)
  }
  await Promise.all(reloads)
  const { take } = await journal(queues)
  const events = Array.from({ length: 100 }, () => anEvent())
  await take(...events)
  await crm.untilReceived(events.length)
  t.same(crm.received.map(idOf).sort(), events.map(({ id }) => id).sort())
  t.same(crm.received.map(({ headers }) => headers['baton-attempt']), events.map(() => '1'), 'none was taken by what is closed')
  await close()
})

t.test('a target that is resumed while it is drained is not ended, and one whose events another journal has is not drained', { buffered: true }, async t => {
  t.testdir({})
  const { url, queues } = await redis(t)
  const crm = await receiver(t, () => 503)
  await worker(t, url, { crm: hook(crm, ', backlog: 10, breaker: { failures: 1000 }') })
  const [here, away] = [await journal(queues), await journal(queues)]
  await here.take(anEvent())
  for (let lags = false; !lags; lags = await queues.redis.hlen('baton:{0}:lagging') > 0) await away.take(...Array.from({ length: 200 }, () => anEvent()))
  await away.take(...Array.from({ length: 200 }, () => anEvent()))
  crm.answer = () => 200
  let looks = 0
  let enough = () => {}
  const looked = new Promise<void>(resolve => { enough = resolve })
  const ended = targetRetire(queues, 'crm', { mode: 'drain', interval: 100, onLook: ({ inJournals, deliveries }) => { if (inJournals > 0 && deliveries === 0 && ++looks > 40) enough() } })
  ended.catch(() => {})
  await here.look() // that journal awaits nothing
  await looked
  t.ok(await targetResume(queues, 'crm'))
  await t.rejects(ended, { code: 'BAD_ARGUMENT', message: /no longer being retired/ })
  t.same(await registeredTargets(queues.redis), ['crm'])
})

t.test('a worker whose file is not the active one takes over when nobody is left who has it', { buffered: true }, async t => {
  t.testdir({})
  const { url, queues, redis: connection } = await redis(t)
  const crm = await receiver(t)
  const { metric } = await worker(t, url, { crm: hook(crm) }, 'old')
  const other = { ...workerSign, version: 'another' }
  await giveSign(connection, other, [], 'activate') // and is never heard of again, as after kill -9
  while (await metric('baton_relay_file_stale_seconds') === 0) await wait(100)
  const { take } = await journal(queues)
  const event = anEvent()
  await take(event)
  await crm.untilReceived(1)
  t.same(crm.received.map(idOf), [event.id])
})
