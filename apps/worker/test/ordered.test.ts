import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { CatchUp, Forwarder, JournalWatch, LaneHold, deadLetter, deadLetters, dropDeadLetter, queueDepths, replayDeadLetter, ringLanes, targetQueue, targetStates, type Queues } from '@baton/queue'
import { createLogger, readSettings } from '@baton/runtime'
import { anEvent, arrayJournal, receiver, type Received } from '@baton/testing'
import { startWorker } from '../src/index.ts'
import { redis, worker } from './worker-process.ts'

t.jobs = 5 // most of the time is spent waiting for locks of workers that are dead

const log = createLogger('test', 'silent')
const env = { JOB_LOCK: '2s' }
const fast = 'retry: { firstDelay: 20ms, maxDelay: 50ms }'
const inOrder = (onFailure: 'skip' | 'block' = 'skip') => `ordering: { by: key, onFailure: ${onFailure} }`

/** The nth event of a group. */
const nthOf = (group: number, nth: number) => anEvent({ body: { GroupId: `@TGS#g${group}`, Nth: nth } })

/** A folder of the test's own, outside of those that others clear. */
function folderOf (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-order-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

/** What a request brought. */
function readArrival ({ body, headers }: Received): { key: string, nth: number, id: string } {
  const { GroupId, Nth } = JSON.parse(String(body))
  return { key: GroupId, nth: Nth, id: String(headers['webhook-id']) }
}

/** Brings events from a journal into Redis, and what targets await later, as an ingress does; for as long as the test runs. */
function ingress (t: Test, queues: Queues) {
  const journal = arrayJournal()
  const forwarder = new Forwarder(queues, journal)
  const notes = new Map<string, string>()
  const watch = new JournalWatch(queues.redis, journal.id, { settledTo: 0, notes })
  const catchUp = new CatchUp(queues, journal, log)
  const closing = new AbortController()
  let lookedAt = -Infinity
  const step = async () => {
    if (performance.now() - lookedAt > 100 && forwarder.position !== undefined) {
      const view = await watch.look({ pointer: forwarder.position, noted: journal.settled, trimmedTo: 0 })
      if (view !== undefined) {
        journal.settled = view.settledTo
        await catchUp.plan(view, 0)
      }
      lookedAt = performance.now()
    }
    const result = await forwarder.step()
    if (result.kind === 'resynced' && result.lost) await watch.restore()
    const busy = await catchUp.step()
    if (result.kind === 'idle' && !busy) await pause(10)
  }
  const done = (async () => { while (!closing.signal.aborted) await step().catch(() => {}) })()
  t.teardown(async () => {
    closing.abort()
    await done
  })
  return {
    journal,
    accept: (...events: ReturnType<typeof anEvent>[]) => { journal.events.push(...events) },
    /** Resolves once every event is settled, delivered or dead, and none is on its way once more. */
    untilSettled: async () => {
      const isIdle = async () => (await queueDepths(queues)).every(({ waiting, delayed, active }) => waiting + delayed + active === 0) && (await targetStates(queues, ['crm'])).get('crm')?.laned === 0
      while (journal.settled < journal.events.length || forwarder.position !== journal.events.length || !await isIdle()) await pause(20)
    }
  }
}

/**
 * What is wrong with the order in which the events of each key arrived: an arrival may repeat what came before and go on from there, and never leave out one, but those that are given up.
 */
function disorder (arrivals: readonly { key: string, nth: number }[], sent: ReadonlyMap<string, number>, givenUp: (key: string, nth: number) => boolean = () => false): string[] {
  const last = new Map<string, number>()
  const wrong: string[] = []
  const after = (key: string, nth: number): number => {
    let next = nth + 1
    while (givenUp(key, next)) next += 1
    return next
  }
  for (const { key, nth } of arrivals) {
    if (givenUp(key, nth)) continue
    const before = last.get(key) ?? -1
    if (nth > after(key, before)) wrong.push(`${key}: ${nth} after ${before}`)
    last.set(key, nth)
  }
  for (const [key, count] of sent) if (after(key, last.get(key) ?? -1) < count) wrong.push(`${key} ends with ${last.get(key)} of ${count}`)
  return wrong
}

/**
 * The arrivals without those that were on their way to the target when Redis lost its data, so many arrivals before: the next one of a key may come among those that
 * are delivered again. Each once, and only where it is out of place.
 */
function withoutStrays<A extends { key: string, nth: number }> (arrivals: readonly A[], losses: readonly number[]): A[] {
  const strays = new Set<A>()
  for (const loss of losses) {
    const before = new Map(arrivals.slice(0, loss).map(({ key, nth }) => [key, nth]))
    const last = new Map(before)
    for (const arrival of arrivals.slice(loss)) {
      const { key, nth } = arrival
      if (nth > (last.get(key) ?? -1) + 1 && nth === (before.get(key) ?? -1) + 1) {
        strays.add(arrival)
        before.delete(key)
      } else last.set(key, nth)
    }
  }
  return arrivals.filter(arrival => !strays.has(arrival))
}

const keyOf = (group: number) => `@TGS#g${group}`
const allOf = (keys: number, perKey: number) => new Map(Array.from({ length: keys }, (_, group) => [keyOf(group), perKey]))
/** One event of each key, so many times. */
const rounds = (keys: number, first: number, count: number) => Array.from({ length: count }, (_, round) => Array.from({ length: keys }, (_, group) => nthOf(group, first + round))).flat()

t.test('what a test of order must find, it finds', async t => {
  const sent = new Map([['a', 3]])
  const seen = (...nths: number[]) => disorder(nths.map(nth => ({ key: 'a', nth })), sent)
  t.same(seen(0, 1, 2), [])
  t.same(seen(0, 1, 0, 1, 1, 2), [], 'what goes back and on from there')
  t.same(seen(0, 2, 1), ['a: 2 after 0', 'a ends with 1 of 3'])
  t.same(seen(0, 1, 2, 0), ['a ends with 0 of 3'], 'what goes back and stays there')
  t.same(seen(0, 1, 0, 2), ['a: 2 after 0'], 'what goes back and leaves out one')
  const kept = (loss: number, ...nths: number[]) => withoutStrays(nths.map(nth => ({ key: 'a', nth })), [loss]).map(({ nth }) => nth)
  t.same(kept(2, 0, 1, 0, 2, 1, 2), [0, 1, 0, 1, 2], 'what was on its way comes among what is repeated')
  t.same(kept(2, 0, 1, 2, 0, 1, 2), [0, 1, 2, 0, 1, 2], 'or in its place')
  t.same(kept(2, 0, 1, 0, 2, 2, 1, 2), [0, 1, 0, 2, 1, 2], 'once')
  t.same(kept(2, 0, 1, 0, 3, 1, 2), [0, 1, 0, 3, 1, 2], 'and nothing else does')
  t.same(disorder([{ key: 'a', nth: 0 }, { key: 'a', nth: 2 }], sent, (_, nth) => nth === 1), [], 'what was given up is no gap')
})

t.test('three workers, hundreds of keys, 3 % of events failing and ten kill -9: no gap and no inversion within a key', { buffered: true, timeout: 120_000 }, async t => {
  const { url, queues } = await redis(t)
  const keys = 300
  const perKey = 10
  const rejected = (key: string, nth: number) => (Number(key.slice(6)) * 31 + nth * 7) % 67 === 0
  const slow = (key: string, nth: number) => (Number(key.slice(6)) * 31 + nth * 7) % 67 === 1
  const tries = new Map<string, number>()
  const arrivals: { key: string, nth: number, id: string }[] = []
  const crm = await receiver(t, request => {
    const arrival = readArrival(request)
    const { key, nth } = arrival
    const attempt = (tries.get(`${key} ${nth}`) ?? 0) + 1
    tries.set(`${key} ${nth}`, attempt)
    if (rejected(key, nth)) return 400
    if (slow(key, nth) && attempt <= 2) return 503
    arrivals.push(arrival)
    return 200
  })
  const settings = `type: webhook, url: "${crm.url}", ${fast}, ${inOrder()}`
  const start = async () => await worker(t, url, settings, env)
  const workers = await Promise.all([start(), start(), start()])
  const { accept, untilSettled } = ingress(t, queues)
  const began = performance.now()
  for (let kill = 0; kill < 10; kill++) {
    accept(...rounds(keys, kill, 1))
    await crm.untilReceived((kill + 1) * 200)
    workers.shift()?.kill()
    workers.push(await start())
  }
  await untilSettled()
  t.comment(`${Math.round(performance.now() - began)} ms, ${arrivals.length} arrivals of ${keys * perKey}`)
  t.same(disorder(arrivals, allOf(keys, perKey), rejected), [])
  const dead = rounds(keys, 0, perKey).filter(event => { const { key, nth } = readArrival({ path: '', headers: {}, body: event.body }); return rejected(key, nth) }).length
  t.equal((await deadLetters(queues, 'crm')).total, dead, 'what was rejected is a dead letter, and nothing else')
})

t.test('Redis loses everything, then falls back to an older state of itself: what is delivered again is the end of each key, in order', { buffered: true, timeout: 120_000 }, async t => {
  const { url, redis: client, queues, stop, start } = await redis(t, '--dir', folderOf(t))
  const arrivals: ReturnType<typeof readArrival>[] = []
  const crm = await receiver(t, request => {
    arrivals.push(readArrival(request))
    return 200
  })
  const settings = `type: webhook, url: "${crm.url}", ${fast}, ${inOrder()}`
  await Promise.all([worker(t, url, settings, env), worker(t, url, settings, env)])
  const { accept, untilSettled } = ingress(t, queues)
  const [keys, perKey] = [200, 15]
  accept(...rounds(keys, 0, 5))
  await crm.untilReceived(500)
  await client.flushall()
  const losses = [arrivals.length]
  accept(...rounds(keys, 5, 5))
  await crm.untilReceived(1_500)
  await client.save()
  accept(...rounds(keys, 10, 5))
  await crm.untilReceived(2_200)
  await stop()
  losses.push(arrivals.length)
  await start()
  await untilSettled()
  t.comment(`${arrivals.length} arrivals of ${keys * perKey}`)
  t.ok(arrivals.length > keys * perKey, 'some came twice')
  t.same(disorder(withoutStrays(arrivals, losses), allOf(keys, perKey)), [])
})

t.test('a target that lags past its backlog catches up from the journal in order, while more comes in', { buffered: true, timeout: 120_000 }, async t => {
  const { url, redis: client, queues } = await redis(t)
  const arrivals: ReturnType<typeof readArrival>[] = []
  let works = false
  const crm = await receiver(t, request => {
    if (!works) return 503
    arrivals.push(readArrival(request))
    return 200
  })
  const settings = `type: webhook, url: "${crm.url}", ${fast}, backlog: 10, breaker: { firstPause: 100ms, maxPause: 200ms }, ${inOrder()}`
  await Promise.all([worker(t, url, settings, env), worker(t, url, settings, env)])
  const { accept, untilSettled } = ingress(t, queues)
  const [keys, perKey] = [300, 14]
  accept(...rounds(keys, 0, 10))
  while (await client.hexists('baton:{0}:lagging', 'crm') === 0) await pause(20)
  t.ok((await targetStates(queues, ['crm'])).get('crm')?.laned, 'some of them wait in Redis')
  works = true
  for (let round = 10; round < perKey; round++) {
    await crm.untilReceived(arrivals.length + 100)
    accept(...rounds(keys, round, 1))
  }
  await untilSettled()
  t.same(disorder(arrivals, allOf(keys, perKey)), [])
  t.equal(arrivals.length, keys * perKey, 'and none of them twice')
})

t.test('block: a key waits for the event that was given up, all others go on; the operator replays or drops it', { buffered: true, timeout: 120_000 }, async t => {
  const { url, queues } = await redis(t)
  let mended = false
  const crm = await receiver(t, request => {
    const { key, nth } = readArrival(request)
    return nth === 1 && key !== keyOf(2) && !mended ? 400 : 200
  })
  const { get } = await worker(t, url, `type: webhook, url: "${crm.url}", ${fast}, ${inOrder('block')}`, env)
  const { journal, accept, untilSettled } = ingress(t, queues)
  accept(...rounds(3, 0, 4))
  const nthsOf = (group: number) => crm.received.map(readArrival).filter(({ key }) => key === keyOf(group)).map(({ nth }) => nth)
  while (nthsOf(2).length < 4 || (await targetStates(queues, ['crm'])).get('crm')?.blocked !== 2) await pause(20)
  while ((await deadLetters(queues, 'crm')).total < 2) await pause(20)
  accept(...rounds(3, 4, 2)) // more of them change nothing
  while (nthsOf(2).length < 6) await crm.untilReceived(crm.received.length + 1)
  t.same(nthsOf(0), [0, 1])
  t.same(nthsOf(1), [0, 1])
  t.ok(journal.settled < 5, 'what blocks is not settled')
  t.match((await get('/metrics')).text, 'baton_target_blocked_keys{target="crm"} 2')
  const [first, second] = [journal.events[3], journal.events[4]]
  t.match(await deadLetter(queues, 'crm', first?.id ?? ''), { blocks: true, reason: /^http_400/, attempts: 1 })

  mended = true
  t.equal(await replayDeadLetter(queues, 'crm', first?.id ?? ''), true)
  t.equal(await dropDeadLetter(queues, 'crm', second?.id ?? ''), true)
  await untilSettled()
  t.same(nthsOf(0), [0, 1, 1, 2, 3, 4, 5])
  t.same(nthsOf(1), [0, 1, 2, 3, 4, 5])
  t.match(await deadLetters(queues, 'crm'), { total: 0 })
  t.match((await targetStates(queues, ['crm'])).get('crm'), { blocked: 0, laned: 0, dropped: 1 })
})

t.test('an event that workers have died with becomes a dead letter with no further attempt, and its key goes on', { buffered: true }, async t => {
  const { url, queues } = await redis(t)
  const crm = await receiver(t)
  const { journal, accept, untilSettled } = ingress(t, queues)
  const [first, second] = rounds(1, 0, 2).map((event, at) => ({ ...event, journal: journal.id, seq: at + 1 }))
  if (first === undefined || second === undefined) return t.fail('two events')
  await queues.addDeliveries([{ target: 'crm', events: [first, second], since: Date.now(), attempts: 0, ordered: true }])
  await ringLanes(queues, 'crm', journal.id)
  const [job] = await queues.get(targetQueue('crm')).getWaiting()
  for (let death = 0; death < 5; death++) await LaneHold.take(queues, 'crm', job?.data.lane ?? '', 10) // and never a word again
  await worker(t, url, `type: webhook, url: "${crm.url}", ${fast}, ${inOrder()}`, env)
  accept(first, second)
  await untilSettled()
  t.match(await deadLetters(queues, 'crm'), { total: 1, letters: [{ event: { id: first.id }, reason: /^killed_workers: 5 / }] })
  t.same(crm.received.map(readArrival).map(({ nth }) => nth), [1])
})

t.test('the relay file of the examples runs', { buffered: true }, async t => {
  const { url, queues, intake } = await redis(t)
  const crm = await receiver(t)
  const example = readFileSync(new URL('../../../examples/relay-files/ordered-webhook.yaml', import.meta.url), 'utf8')
  const config = join(t.testdir({ 'baton.yaml': example.replace('http://127.0.0.1:7090', crm.url) }), 'baton.yaml')
  const { close } = await startWorker({ settings: readSettings({ BATON_CONFIG: config, REDIS_URL: url, WORKER_PORT: '0' }), log })
  t.teardown(close)
  await intake(...rounds(3, 0, 4))
  await crm.untilReceived(12)
  t.same(disorder(crm.received.map(readArrival), allOf(3, 4)), [])
  t.same((await targetStates(queues, ['hook'])).get('hook')?.dropped, 0)
})
