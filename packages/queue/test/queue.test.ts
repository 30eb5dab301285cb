import { once, EventEmitter } from 'node:events'
import t, { type Test } from 'tap'
import { createLogger } from '@baton/runtime'
import { anEvent, arrayJournal, freePort, redisServer, workerSign } from '@baton/testing'
import { Forwarder, Queues, backoff, checkRedis, connectRedis, consume, deadLetter, deadLetters, deliveryOf, intakeQueue, oldestDue, probeWrite, queueDepths, giveSign, replayDeadLetter, restoreEvent, targetQueue, untilReady, type Delivery, type JobInHand, type Verdict } from '../src/index.ts'

const log = createLogger('test', 'silent')

/** Queues on a Redis of the test's own. */
async function queues (t: Test, server = redisServer(t)) {
  const { url, ...control } = await server
  const redis = connectRedis(url, 'consumer', log)
  const queues = new Queues(redis)
  t.teardown(async () => {
    await queues.close()
    redis.disconnect()
  })
  await untilReady(redis, url, 5_000)
  return { url, redis, queues, ...control }
}

/** Consumes a queue; every job in hand is emitted after its verdict. */
function consumer (t: Test, redis: Parameters<typeof consume>[0]['redis'], queue: string, handle: (job: JobInHand) => Promise<Verdict>) {
  const handled = new EventEmitter()
  const { close } = consume({
    queue,
    concurrency: 5,
    redis,
    log,
    handle: async job => {
      const verdict = await handle(job)
      setImmediate(() => handled.emit('handled', job))
      return verdict
    }
  })
  t.teardown(async () => { await close(2_000) })
  return { handled, close }
}

/** Forwards everything that a journal holds. */
async function intake (q: Queues, journal: ReturnType<typeof arrayJournal>): Promise<Forwarder> {
  const forwarder = new Forwarder(q, journal)
  while ((await forwarder.step()).kind !== 'idle');
  return forwarder
}

const delivery = (target: string, events = [anEvent()], fields: Partial<Delivery> = {}): Delivery => ({ target, events, since: Date.now(), attempts: 0, ...fields })

t.test('an event goes through intake byte for byte, once', async t => {
  const { redis, queues: q } = await queues(t)
  const event = anEvent({ query: 'a=%20&b' })
  event.body = Buffer.from('\uFEFF{"n": 144115212830834855, "e":"\u{1F600}\\u0000"}\r\n')
  const journal = arrayJournal(event)
  await intake(q, journal)
  await intake(q, journal)
  const { handled, close } = consumer(t, redis, intakeQueue, async () => ({ kind: 'done' }))
  const [job] = await once(handled, 'handled')
  await close(2_000)
  t.same(job.data.events.map(restoreEvent), [{ ...event, journal: journal.id, seq: 1 }])
  t.match(await queueDepths(q), [{ queue: 'intake', waiting: 0, active: 0, delayed: 0, dead: 0 }])
})

t.test('every key in Redis carries the tag of the partition', async t => {
  const { redis, queues: q } = await queues(t)
  await giveSign(redis, workerSign, [{ name: 'crm', backlog: 10, maxAge: 1_000 }], 'activate')
  await probeWrite(redis)
  await intake(q, arrayJournal(anEvent()))
  await q.addDeliveries([delivery('crm')])
  const keys = await redis.keys('*')
  t.ok(keys.length > 5)
  t.same(keys.filter(key => !key.startsWith('baton:{0}:')), [])
})

t.test('deliveries are added all or none, and an error is an error', async t => {
  const { redis, queues: q } = await queues(t)
  await q.addDeliveries([delivery('crm'), delivery('warehouse')])
  await redis.config('SET', 'min-replicas-to-write', '1') // every write now fails, as on a master cut off from its replicas
  await t.rejects(q.addDeliveries([delivery('crm'), delivery('warehouse')]), /NOREPLICAS/)
  await t.rejects(intake(q, arrayJournal(anEvent())), /NOREPLICAS/)
  t.match(await probeWrite(redis), /NOREPLICAS/)
  await redis.config('SET', 'min-replicas-to-write', '0')
  t.equal(await q.get(targetQueue('crm')).getWaitingCount(), 1)
  t.equal(await q.get(targetQueue('warehouse')).getWaitingCount(), 1)
})

t.test('two batches that share events are two deliveries; the same one again is none', async t => {
  const { queues: q } = await queues(t)
  const [a, b, c] = [anEvent(), anEvent(), anEvent()]
  await q.addDeliveries([delivery('crm', [a, b])])
  await q.addDeliveries([delivery('crm', [a, c])])
  await q.addDeliveries([delivery('crm', [a, b])])
  t.equal(await q.get(targetQueue('crm')).getWaitingCount(), 2)
})

t.test('the oldest delivery that is due is told by its own time, for each target', async t => {
  const { redis, queues: q } = await queues(t)
  t.same(await oldestDue(q, []), new Map())
  t.same(await oldestDue(q, ['crm']), new Map())
  const before = Date.now()
  const first = anEvent()
  await q.addDeliveries([delivery('crm', [first]), delivery('later', undefined, { delay: 60_000 })])
  const after = Date.now()
  await q.addDeliveries([delivery('crm'), delivery('warehouse')])
  const due = await oldestDue(q, ['none', 'crm', 'later', 'warehouse'])
  t.same([...due.keys()], ['crm', 'warehouse'], 'what is delayed is not due')
  const [time = 0] = due.values()
  t.ok(before <= time && time <= after)

  const overdue = await oldestDue(q, ['later'], after + 62_000)
  t.ok((overdue.get('later') ?? 0) >= before, 'its wait is over, and nobody works on its queue')

  const { handled, close } = consumer(t, redis, targetQueue('crm'), async job => deliveryOf('crm', job.data, 0).events[0]?.id === first.id ? { kind: 'again', delay: 60_000, reason: 'not yet' } : { kind: 'done' })
  await once(handled, 'handled')
  await close(5_000)
  t.equal((await oldestDue(q, ['crm'], after + 30_000)).has('crm'), false, 'it waits for its next attempt')
  t.equal((await oldestDue(q, ['crm'], after + 120_000)).get('crm'), time, 'it keeps its time through retries')
})

t.test('again comes back after its delay, with one attempt more', async t => {
  const { redis, queues: q } = await queues(t)
  const seen: { attempts: number, at: number }[] = []
  const { handled } = consumer(t, redis, targetQueue('crm'), async job => {
    seen.push({ attempts: deliveryOf('crm', job.data, job.attemptsMade).attempts, at: Date.now() })
    return seen.length < 3 ? { kind: 'again', delay: 50, reason: 'not yet' } : { kind: 'done' }
  })
  await q.addDeliveries([delivery('crm', undefined, { attempts: 4 })])
  while (seen.length < 3) await once(handled, 'handled')
  t.same(seen.map(({ attempts }) => attempts), [4, 5, 6])
  for (const [at, { at: time }] of seen.entries()) t.ok(at === 0 || time - (seen[at - 1]?.at ?? 0) >= 50, 'not before its delay')
})

t.test('a dead letter holds its event, is listed, and goes on its way again with its count afresh', async t => {
  const { redis, queues: q } = await queues(t)
  const event = anEvent()
  const first = consumer(t, redis, targetQueue('crm'), async () => ({ kind: 'dead', reason: 'http_400: no' }))
  await q.addDeliveries([delivery('crm', [event], { attempts: 2, rejected: 'http_400: no' })])
  await once(first.handled, 'handled')
  await first.close(2_000) // closing waits until the verdict is carried out
  t.match(await deadLetters(q, 'crm'), { total: 1, letters: [{ target: 'crm', event: { id: event.id, body: event.body }, reason: 'http_400: no', attempts: 2 }] })
  t.match(await deadLetter(q, 'crm', event.id), { event: { id: event.id } })
  t.equal(await deadLetter(q, 'crm', 'evt_other'), undefined)
  t.equal(await replayDeadLetter(q, 'crm', 'evt_other'), false)

  t.equal(await replayDeadLetter(q, 'crm', event.id), true)
  const second = consumer(t, redis, targetQueue('crm'), async () => ({ kind: 'done' }))
  const [job] = await once(second.handled, 'handled')
  await second.close(2_000)
  t.match(job, { attemptsMade: 0, data: { rejected: undefined, attemptsBefore: undefined } })
  t.match(await deadLetters(q, 'crm'), { total: 0 })
})

t.test('a job of an unknown version is handed back without using an attempt', async t => {
  const { redis, queues: q } = await queues(t)
  const queue = q.get(targetQueue('crm'))
  const job = await queue.add('delivery', JSON.parse('{"v":2,"novelty":true}'), { jobId: 'd-evt_new' })
  let handled = 0
  consumer(t, redis, targetQueue('crm'), async () => { handled++; return { kind: 'done' } })
  const events = new EventEmitter()
  await redis.config('SET', 'notify-keyspace-events', 'Kz')
  const subscriber = redis.duplicate()
  t.teardown(() => { subscriber.disconnect() })
  await subscriber.subscribe(`__keyspace@0__:baton:{0}:${targetQueue('crm')}:delayed`)
  subscriber.on('message', () => events.emit('delayed'))
  if (!await job.isDelayed()) await once(events, 'delayed')
  t.match(await queue.getJob('d-evt_new'), { attemptsMade: 0, data: { v: 2, novelty: true } })
  t.equal(handled, 0)
})

t.test('a producer fails fast while Redis is away, and recovers by itself', async t => {
  const server = await redisServer(t)
  const redis = connectRedis(server.url, 'producer', log)
  const q = new Queues(redis)
  t.teardown(async () => { await q.close(); redis.disconnect() })
  await untilReady(redis, server.url, 5_000)
  await intake(q, arrayJournal(anEvent()))
  const away = new Promise(resolve => { redis.once('close', resolve) })
  await server.stop()
  await away
  await t.rejects(intake(q, arrayJournal(anEvent())))
  t.match(await probeWrite(redis), /Redis is away/)
  const back = new Promise(resolve => { redis.once('ready', resolve) })
  await server.start()
  await back
  await intake(q, arrayJournal(anEvent()))
  t.equal(await probeWrite(redis), undefined)
})

t.test('a Redis that does not answer, or that evicts, is named with its remedy', async t => {
  const url = `redis://user:secret@127.0.0.1:${await freePort()}`
  const nobody = connectRedis(url, 'producer', log)
  t.teardown(() => { nobody.disconnect() })
  await t.rejects(untilReady(nobody, url, 100), { code: 'REDIS_UNREACHABLE', message: /^(?!.*secret).*REDIS_URL/ })
  const evicting = await queues(t, redisServer(t, '--maxmemory-policy', 'allkeys-lru'))
  await t.rejects(checkRedis(evicting.redis, evicting.url), { code: 'REDIS_UNUSABLE', problems: [/noeviction/] })
})

t.test('backoff is random below an exponential, capped ceiling, and never 0', async t => {
  const policy = { firstDelay: 1_000, maxDelay: 60_000, maxAge: 0 }
  const most = { random: () => 1 }
  t.same([1, 2, 3, 7, 8, 1_000_000].map(attempts => backoff(policy, attempts, most)), [1_000, 2_000, 4_000, 60_000, 60_000, 60_000])
  t.equal(backoff(policy, 3, { random: () => 0 }), 1)
  t.equal(backoff(policy, 3, { random: () => 0.5 }), 2_000)
  t.equal(backoff({ ...policy, maxDelay: 3_600_000 }, 1, { slow: true, random: () => 1 }), 300_000)
  t.equal(backoff(policy, 1, { slow: true, random: () => 0 }), 30_000)
})

/** Log lines as they would stand on standard output. */
const recordedLog = () => {
  const lines: string[] = []
  return { lines, log: createLogger('test', 'trace', { write: line => { lines.push(line) } }) }
}

t.test('Redis that forgets its scripts is no obstacle: deliveries go on, over the same connection', async t => {
  const { redis, queues: q } = await queues(t)
  await q.addDeliveries([delivery('crm'), delivery('warehouse', undefined, { delay: 60_000 })])
  for (let nth = 0; nth < 3; nth++) {
    await redis.script('FLUSH')
    await q.addDeliveries([delivery('crm'), delivery('warehouse', undefined, { delay: 60_000 })])
  }
  t.match(await q.get(targetQueue('crm')).getJobCounts('wait'), { wait: 4 })
  t.match(await q.get(targetQueue('warehouse')).getJobCounts('delayed'), { delayed: 4 })
})

t.test('an unexpected error is logged, and costs no attempt', async t => {
  const { redis, queues: q } = await queues(t)
  const { log, lines } = recordedLog()
  let threw = () => {}
  const thrown = new Promise<void>(resolve => { threw = resolve })
  const { close } = consume({ queue: targetQueue('crm'), concurrency: 1, redis, log, handle: async () => { threw(); throw new Error('BOOM') } })
  const event = anEvent()
  await q.addDeliveries([delivery('crm', [event])])
  await thrown
  await close(5_000)
  t.match(lines, [/BOOM.*an unexpected error/])
  t.match(await q.get(targetQueue('crm')).getJob(`d-${event.id}`), { attemptsMade: 0 })
  t.match(await q.get(targetQueue('crm')).getJobCounts('delayed', 'failed'), { delayed: 1, failed: 0 })
})

t.test('neither events nor passwords reach the log, whatever Redis answers', async t => {
  const { url } = await redisServer(t, '--requirepass', 'right')
  const { log, lines } = recordedLog()
  const locked = connectRedis(url.replace('//', '//:wrong-PASSWORD@'), 'producer', log)
  t.teardown(() => { locked.disconnect() })
  await t.rejects(untilReady(locked, url, 500))

  const redis = connectRedis(url.replace('//', '//:right@'), 'consumer', log)
  const q = new Queues(redis)
  t.teardown(async () => { await q.close(); redis.disconnect() })
  await untilReady(redis, url, 5_000)
  await redis.config('SET', 'min-replicas-to-write', '1')
  const event = anEvent({ body: { Name: 'TOP-SECRET' } })
  await intake(q, arrayJournal(event)).catch((err: unknown) => { log.error({ err, nested: { token: 'tok-SECRET' }, tokens: ['tok-SECRET'] }, 'an event could not be kept') })
  t.match(lines.join(''), /NOREPLICAS/)
  t.match(lines.join(''), /WRONGPASS/)
  t.notMatch(lines.join(''), /SECRET|wrong-PASSWORD/)
})

t.test('a queue whose Redis takes no writes rests, says so once, and goes on by itself', async t => {
  const { redis, queues: q } = await queues(t)
  await q.addDeliveries([delivery('crm')])
  await redis.config('SET', 'min-replicas-to-write', '1')
  const { log, lines } = recordedLog()
  const rested = new Promise<void>(resolve => {
    const write = lines.push.bind(lines)
    lines.push = (...added) => {
      if (added.some(line => line.includes('rests'))) resolve()
      return write(...added)
    }
  })
  let handled = () => {}
  const done = new Promise<void>(resolve => { handled = resolve })
  const { close } = consume({ queue: targetQueue('crm'), concurrency: 1, redis, log, handle: async () => { handled(); return { kind: 'done' } } })
  t.teardown(async () => { await close(2_000) })
  await rested
  await redis.config('SET', 'min-replicas-to-write', '0')
  await done
  t.ok(lines.length < 5, `${lines.length} lines`)
})

t.test('closing keeps its word, also with a handler that does not end', async t => {
  const { redis, queues: q } = await queues(t)
  let end = () => {}
  const ended = new Promise<Verdict>(resolve => { end = () => { resolve({ kind: 'done' }) } })
  let taken = () => {}
  const inHand = new Promise<void>(resolve => { taken = resolve })
  const { close } = consume({ queue: targetQueue('crm'), concurrency: 1, redis, log, handle: async () => { taken(); return await ended } })
  await q.addDeliveries([delivery('crm')])
  await inHand
  await close(50)
  end()
  t.pass('it returned')
})

t.test('what is given back costs no attempt, and what cannot be read is dead instead of going round', async t => {
  const { redis, queues: q } = await queues(t)
  const queue = q.get(targetQueue('crm'))
  await queue.add('delivery', JSON.parse('{"v":1,"novelty":true}'), { jobId: 'd-broken' })
  const seen: number[] = []
  const { handled, close } = consumer(t, redis, targetQueue('crm'), async job => {
    seen.push(job.attemptsMade)
    return seen.length < 3 ? { kind: 'back' } : { kind: 'done' }
  })
  await q.addDeliveries([delivery('crm')])
  while (seen.length < 3) await once(handled, 'handled')
  await close(2_000)
  t.same(seen, [0, 0, 0])
  t.match(await queue.getFailed(), [{ id: 'd-broken', failedReason: /^unreadable_job/ }])
})

t.test('a replay that somebody else was quicker with is told, not thrown', async t => {
  const { redis, queues: q } = await queues(t)
  const event = anEvent()
  const { handled, close } = consumer(t, redis, targetQueue('crm'), async () => ({ kind: 'dead', reason: 'http_400: no' }))
  await q.addDeliveries([delivery('crm', [event])])
  await once(handled, 'handled')
  await close(2_000)
  const replayed = await Promise.all([1, 2, 3].map(async () => await replayDeadLetter(q, 'crm', event.id)))
  t.equal(replayed.filter(Boolean).length, 1)
})
