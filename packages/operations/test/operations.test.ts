import { createServer } from 'node:http'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { checkSignature, readCallbackQuery } from '@baton/contracts'
import { Queues, connectRedis, consume, registerTargets, targetQueue, untilReady } from '@baton/queue'
import { createLogger } from '@baton/runtime'
import { anEvent, redisServer } from '@baton/testing'
import { deadList, deadReplay, deadShow, send, status } from '../src/index.ts'

const log = createLogger('test', 'silent')

/** Queues with dead letters of these events, by target, the oldest first. */
async function queuesWithDead (t: Test, dead: Record<string, ReturnType<typeof anEvent>[]>) {
  const { url } = await redisServer(t)
  const redis = connectRedis(url, 'consumer', log)
  const queues = new Queues(redis)
  t.teardown(async () => {
    await queues.close()
    redis.disconnect()
  })
  await untilReady(redis, url, 5_000)
  await registerTargets(redis, Object.keys(dead))
  for (const [target, events] of Object.entries(dead)) {
    if (events.length === 0) continue
    let handled = 0
    let all = () => {}
    const everything = new Promise<void>(resolve => { all = resolve })
    const consumer = consume({
      queue: targetQueue(target),
      concurrency: 1,
      redis,
      log,
      handle: async () => {
        if (++handled === events.length) all()
        return { kind: 'dead', reason: 'http_400: no' }
      }
    })
    for (const event of events) await queues.addDeliveries([{ target, events: [event], since: Date.now(), attempts: 0 }])
    await everything
    await consumer.close(5_000)
  }
  return queues
}

t.test('status: every queue that ever had a worker, intake first', async t => {
  const queues = await queuesWithDead(t, { warehouse: [], crm: [anEvent()] })
  await queues.addToIntake(anEvent())
  t.match(await status(queues), {
    queues: [
      { queue: 'intake', waiting: 1, dead: 0 },
      { queue: 'to-crm', target: 'crm', dead: 1, waiting: 0 },
      { queue: 'to-warehouse', target: 'warehouse', dead: 0 }
    ]
  })
})

t.test('dead list: the newest of all targets or of one, with the total', async t => {
  const events = Array.from({ length: 230 }, () => anEvent())
  const late = anEvent()
  const queues = await queuesWithDead(t, { crm: events, warehouse: [late] })
  const ids = ({ letters }: Awaited<ReturnType<typeof deadList>>) => letters.map(({ event }) => event.id)
  const all = events.map(({ id }) => id).sort()
  t.match(await deadList(queues, { limit: 1 }), { total: 231, letters: [{ target: 'warehouse', event: { id: late.id } }] })
  t.equal(new Set(ids(await deadList(queues, { target: 'crm', limit: 225 }))).size, 225, 'more than one page, none twice')
  const whole = await deadList(queues, { target: 'crm', limit: 10_000 })
  t.same(ids(whole).sort(), all)
  t.same(whole.letters, whole.letters.toSorted((a, b) => b.diedAt - a.diedAt), 'newest first')
  await t.rejects(deadList(queues, { target: 'unknown' }), { code: 'NOT_FOUND', message: /there are crm, warehouse/ })
})

t.test('dead show: one event at all targets, or at one', async t => {
  const event = anEvent()
  const queues = await queuesWithDead(t, { crm: [event], warehouse: [event], other: [] })
  t.same((await deadShow(queues, event.id)).map(({ target }) => target), ['crm', 'warehouse'])
  t.match(await deadShow(queues, event.id, { target: 'crm' }), [{ target: 'crm', event: { body: event.body }, reason: 'http_400: no' }])
  await t.rejects(deadShow(queues, event.id, { target: 'other' }), { code: 'NOT_FOUND', message: /at other/ })
  await t.rejects(deadShow(queues, 'evt_none'), { code: 'NOT_FOUND', message: /dead list/ })
})

t.test('dead replay: back in the queue and no longer dead; a dry run changes nothing', async t => {
  const event = anEvent()
  const queues = await queuesWithDead(t, { crm: [event], warehouse: [event] })
  t.match(await deadReplay(queues, event.id, { dryRun: true }), [{ target: 'crm' }, { target: 'warehouse' }])
  t.match(await status(queues), { queues: [{}, { waiting: 0, dead: 1 }, { waiting: 0, dead: 1 }] })
  t.match(await deadReplay(queues, event.id, { target: 'crm' }), [{ target: 'crm' }])
  t.match(await status(queues), { queues: [{}, { waiting: 1, dead: 0 }, { waiting: 0, dead: 1 }] })
  await t.rejects(deadReplay(queues, event.id, { target: 'crm' }), { code: 'NOT_FOUND' })
})

t.test('send: callbacks as Tencent sends them, each of a group of its own, signed where there is a token', async t => {
  const requests: { url: URL, body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => { body += String(chunk) })
    request.on('end', () => {
      requests.push({ url: new URL(request.url ?? '', 'http://x'), body })
      response.end(requests.length === 2 ? '{"ActionStatus":"FAIL","ErrorInfo":"no","ErrorCode":40004}' : '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const address = server.address()
  const to = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/secret-path`

  const answers: number[] = []
  const sent = await send({ to, command: 'Group.CallbackAfterCreateTopic', appId: 14, token: 'abc', count: 3, onAnswer: ({ errorCode }) => { answers.push(errorCode ?? -1) } })
  t.same(sent, { sent: 3, acknowledged: 2, refused: 1 })
  t.same(answers, [0, 40004, 0])
  t.equal(new Set(requests.map(({ body }) => JSON.parse(body).TopicId)).size, 3)
  for (const { url } of requests) {
    t.equal(url.pathname, '/secret-path')
    const query = readCallbackQuery(url.search.slice(1))
    t.match(query, { sdkAppId: '14', command: 'Group.CallbackAfterCreateTopic', requestId: String })
    t.equal(checkSignature(['abc'], query, Date.now()), 'valid')
  }
  await send({ to, command: 'Any.Command', appId: 14, bodies: ['{"a":1}', '{"b":2}'], count: 3 })
  t.same(requests.slice(3).map(({ body }) => body), ['{"a":1}', '{"b":2}', '{"a":1}'])
  await t.rejects(send({ to, command: 'Any.Command', appId: 14 }), { code: 'BAD_ARGUMENT' })
})
