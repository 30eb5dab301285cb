import t, { type Test } from 'tap'
import { createLogger } from '@baton/runtime'
import { anEvent, redisServer } from '@baton/testing'
import { TailPublisher, connectRedis, untilReady, watchTail } from '../src/index.ts'
import { tailChannel, tailsKey } from '../src/names.ts'

const log = createLogger('test', 'silent')

async function connected (t: Test) {
  const server = await redisServer(t)
  const redis = connectRedis(server.url, 'operator', log)
  t.teardown(() => { redis.disconnect() })
  await untilReady(redis, server.url, 10_000)
  return { redis, server }
}

/** What somebody sees who watches; `next` resolves with the next event. */
async function watching (t: Test, redis: Parameters<typeof watchTail>[0]) {
  const seen: string[] = []
  let missed = 0
  let wake = () => {}
  const stop = await watchTail(redis, { event: ({ id }) => { seen.push(id); wake() }, blind: () => {}, missed: times => { missed += times; wake() } })
  t.teardown(stop)
  const until = async (enough: () => boolean) => { while (!enough()) await new Promise<void>(resolve => { wake = resolve }) }
  return { seen, until, missed: () => missed, stop }
}

t.test('events are published while somebody watches, and not otherwise', async t => {
  const { redis } = await connected(t)
  const publisher = new TailPublisher(redis)
  const [one, other] = [anEvent(), anEvent({ decision: { verdict: 'allow', by: 'shadow', took: 1 } })]
  await publisher.publish([one])
  const { seen, until, stop } = await watching(t, redis)
  t.equal(await redis.exists(tailsKey), 1)
  const again = new TailPublisher(redis) // the first one looks again in a second
  await again.publish([])
  await again.publish([one, other])
  await until(() => seen.length === 2)
  t.same(seen, [one.id, other.id])
  await stop()
  t.ok(await redis.pttl(tailsKey) <= 5_000, 'nobody who has gone is published for')
  await redis.del(tailsKey)
  await new TailPublisher(redis).publish([one])
  t.same(seen, [one.id, other.id])
})

t.test('who watches is told what was missed, of each worker by itself; what is none of ours is passed over', async t => {
  const { redis } = await connected(t)
  const { seen, until, missed } = await watching(t, redis)
  const say = async (publisher: string, nth: number) => { await redis.publish(tailChannel, JSON.stringify({ publisher, nth, events: [] })) }
  await redis.publish(tailChannel, '{"another":"thing"}')
  await redis.publish(tailChannel, 'no JSON')
  for (const nth of [7, 8, 11]) await say('a', nth)
  await say('b', 100)
  await say('a', 12)
  await say('a', 14)
  await until(() => missed() === 3)
  t.same(seen, [])
})

t.test('a Redis that does not take it costs no routing', async t => {
  const { redis, server } = await connected(t)
  await server.stop()
  await new TailPublisher(redis).publish([anEvent()])
  t.pass()
})
