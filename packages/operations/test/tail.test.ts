import t, { type Test } from 'tap'
import { checkSignature, examples, readCallbackQuery, type JournalledEvent } from '@baton/contracts'
import { Queues, TailPublisher, connectRedis, untilReady } from '@baton/queue'
import { createLogger } from '@baton/runtime'
import { anEvent, freePort, receiver, redisServer } from '@baton/testing'
import { eventLine, forwardTo, tail, type TailFilter } from '../src/index.ts'

async function queues (t: Test): Promise<Queues> {
  const server = await redisServer(t)
  const redis = connectRedis(server.url, 'operator', createLogger('test', 'silent'))
  const queues = new Queues(redis)
  t.teardown(async () => {
    await queues.close()
    redis.disconnect()
  })
  await untilReady(redis, server.url, 10_000)
  return queues
}

/** Publishes until somebody who watches has ended. */
async function published (queues: Queues, watched: Promise<void>, events: readonly JournalledEvent[]): Promise<void> {
  const ended = watched.then(() => true)
  do await new TailPublisher(queues.redis).publish(events) // each looks at once whether anybody watches
  while (!await Promise.race([ended, new Promise<false>(resolve => { setImmediate(resolve, false) })]))
}

t.test('events are told as they are routed, those that were asked for, and so many', async t => {
  const all = await queues(t)
  const events = [
    anEvent({ body: { GroupId: 'g', Owner_Account: 'zoe' } }),
    anEvent({ command: 'Group.CallbackAfterCreateTopic', body: { GroupId: '@TGS#_c', TopicId: '@TGS#_c@TOPIC#_t' } }),
    anEvent({ command: 'C2C.CallbackAfterSendMsg', body: { ...examples['C2C.CallbackAfterSendMsg'], GroupId: undefined, From_Account: 'zoe' }, appId: 2 })
  ]
  const ids = events.map(({ id }) => id)
  const cases: Array<[TailFilter, number[]]> = [
    [{}, [0, 1, 2]],
    [{ commands: ['Group.*'] }, [0, 1]],
    [{ app: 2 }, [2]],
    [{ group: '@TGS#_c' }, [1]],
    [{ topic: '@TGS#_c@TOPIC#_t' }, [1]],
    [{ account: 'zoe' }, [0, 2]],
    [{ account: 'zoe', commands: ['C2C.*'] }, [2]]
  ]
  for (const [filter, wanted] of cases) {
    const seen: string[] = []
    const count = 2 * wanted.length
    await published(all, tail(all, { filter, count, signal: new AbortController().signal, onEvent: ({ id }) => { seen.push(id) } }), events)
    t.same(seen, [...wanted, ...wanted].map(at => ids[at]), JSON.stringify(filter))
  }
  const over = new AbortController()
  over.abort()
  await tail(all, { signal: over.signal, onEvent: () => {} })
  t.pass('who has stopped already is not waited for')
})

t.test('a line of an event is harmless to a terminal, and means what it meant', async t => {
  const event = anEvent({ body: { GroupId: 'a\u009b2J\u007f\u202eb \u200d 👨‍👩‍👧' } })
  const line = eventLine(event)
  t.notMatch(line, /[\u007f-\u009f\u202e]/)
  t.match(line, '👨‍👩‍👧')
  t.equal(JSON.parse(line).body, event.body.toString())
})

t.test('an event is posted to a laptop in either style, and the answer is told', async t => {
  const server = await receiver(t, () => ({ status: 202, body: `taken ${'x'.repeat(1_000)}` }))
  const event = anEvent()
  const answer = await forwardTo(`${server.url}/hook`, { style: 'baton', secrets: ['whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz'] })(event)
  t.match(answer, { status: 202, body: /^taken x{494}$/, took: Number })
  t.match(server.received[0], { path: '/hook', headers: { 'webhook-id': event.id, 'webhook-signature': /^v1,/ } })
  t.ok(server.received[0]?.body.equals(event.body))
  await forwardTo(`${server.url}/hook`, { style: 'tencent', token: 'secret' })(event)
  const path = String(server.received[1]?.path)
  t.equal(checkSignature(['secret'], readCallbackQuery(path.slice(path.indexOf('?'))), Date.now()), 'valid')
  t.match(await forwardTo(`http://127.0.0.1:${await freePort()}`, { style: 'baton' })(event), { problem: /ECONNREFUSED/, took: Number })
  for (const url of ['127.0.0.1:3000', 'ftp://me:hush@h/', 'http://me:hush@h/', 'http://[/']) t.throws(() => forwardTo(url, { style: 'baton' }), { code: 'BAD_ARGUMENT', message: /^(?!.*hush)/ }, url)
  await forwardTo(`${server.url}/hook`, { style: 'tencent', token: 'secret' })({ ...event, query: 'SdkAppid=1&a=#b' })
  t.match(server.received.at(-1)?.path, /a=%23b&Sign=/, 'a raw # ends no query')
  server.answer = () => ({ status: 302, headers: { location: '/elsewhere' } })
  t.match(await forwardTo(server.url, { style: 'baton' })(event), { status: 302 }, 'a redirect is told and not followed')
  server.answer = () => ({ status: 200, body: 'x'.repeat(50_000_000) })
  const before = process.memoryUsage().rss
  t.match(await forwardTo(server.url, { style: 'baton' })(event), { status: 200, body: 'x'.repeat(500) })
  t.ok(process.memoryUsage().rss - before < 200_000_000)
  t.throws(() => forwardTo(server.url, { style: 'baton', token: 'secret' }), { code: 'BAD_ARGUMENT', message: /A token does not fit the style baton/ })
})
