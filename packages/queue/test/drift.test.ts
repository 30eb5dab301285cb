import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { createLogger } from '@baton/runtime'
import { redisServer } from '@baton/testing'
import { DriftKeeper, connectRedis, driftSeen, forgetAllDrift, forgetDrift, untilReady, type DriftReport, type SeenDrift } from '../src/index.ts'
import { keepDrift } from '../src/drift-keep.ts'

const silent = createLogger('test', 'silent')

/** A connection as the ingress has it, to a Redis of the test's own. */
async function redisOf (t: Test, { through = async (url: string) => url }: { through?: (url: string) => Promise<string> } = {}) {
  const { url, ...control } = await redisServer(t)
  const own = await through(url)
  const redis = connectRedis(own, 'producer', silent)
  t.teardown(() => { redis.disconnect() })
  await untilReady(redis, own, 5_000)
  return { redis, url, ...control }
}

const deviation = (fields: Partial<SeenDrift> = {}): SeenDrift =>
  ({ kind: 'unknown-field', command: 'Group.CallbackAfterCreateGroup', field: 'Novelty', problem: 'is not documented', example: 'text of 3', count: 1, first: 1_700_000_000_000, last: 1_700_000_000_000, ...fields })
const fields = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => deviation({ field: `Novelty${from + at}` }))

let writers = 0
/** Keeps deviations as a writer of their own would. */
const keep = async (redis: Parameters<typeof keepDrift>[0], report: DriftReport, most?: number) => await keepDrift(redis, { writer: `w${++writers}`, nth: 1, ...report }, most)

/** A keeper whose lines of log are told, as far as they matter. */
function keeperOf (t: Test, redis: Parameters<typeof keepDrift>[0], most?: number) {
  const lines: string[] = []
  const counts = { fresh: 0, unlisted: 0 }
  const keeper = new DriftKeeper({
    redis,
    ...(most !== undefined && { most }),
    log: createLogger('test', 'info', { write: line => { lines.push(line) } }),
    told: ({ fresh, unlisted }) => {
      counts.fresh += fresh
      counts.unlisted += unlisted
    }
  })
  return { keeper, lines, counts }
}

t.test('what several ingresses see at the same time is counted exactly, and new for one of them only', async t => {
  const { redis, url } = await redisOf(t)
  const others = Array.from({ length: 3 }, () => connectRedis(url, 'consumer', silent))
  t.teardown(() => { for (const other of others) other.disconnect() })
  const kept = await Promise.all([redis, ...others].flatMap(connection =>
    Array.from({ length: 25 }, async () => await keep(connection, { seen: [deviation({ count: 2 }), deviation({ kind: 'unknown-command', field: '' })] }))))
  t.same(kept.flatMap(({ fresh }) => fresh.map(({ kind }) => kind)).sort(), ['unknown-command', 'unknown-field'])
  const { drift, unlisted } = await driftSeen(redis)
  t.same(drift.map(({ kind, count }) => [kind, count]).sort(), [['unknown-command', 100], ['unknown-field', 200]])
  t.equal(unlisted, undefined)
  t.same((await redis.keys('*')).filter(key => !key.startsWith('baton:{0}:drift')), [])
})

t.test('first is the earliest and last the latest, with its example, in whatever order reports come and whatever clocks say', async t => {
  const { redis } = await redisOf(t)
  for (const [first, last, example] of [[500, 700, 'text of 5'], [900.5, 1_000.75, 'list of 2'], [100, 200, 'null'], [600, 800, 'number']] as const) {
    await keep(redis, { seen: [deviation({ first, last, example })] })
  }
  t.same((await driftSeen(redis)).drift, [deviation({ count: 4, first: 100, last: 1_000, example: 'list of 2' })])
})

t.test('the same batch again, as its answer did not come, changes nothing and is answered alike', async t => {
  const { redis } = await redisOf(t)
  const batch = { writer: 'w', nth: 1, seen: fields(0, 5), unlisted: { count: 7, last: 50 } }
  const first = await keepDrift(redis, batch, 3)
  t.match(first, { fresh: batch.seen.slice(0, 3), unlisted: 9 })
  t.same(await keepDrift(redis, batch, 3), first)
  t.match(await driftSeen(redis), { drift: [{ count: 1 }, { count: 1 }, { count: 1 }], unlisted: { count: 9, last: 1_700_000_000_000 } })
  t.match(await keepDrift(redis, { ...batch, nth: 2 }, 3), { fresh: [], unlisted: 9 })
  t.match(await driftSeen(redis), { drift: [{ count: 2 }, { count: 2 }, { count: 2 }], unlisted: { count: 18 } })
})

t.test('what is kept is bounded: of others only their number is, until something is forgotten', async t => {
  const { redis } = await redisOf(t)
  await keep(redis, { seen: fields(0, 600) })
  const { fresh, unlisted } = await keep(redis, { seen: fields(0, 1_200).map(drift => ({ ...drift, last: drift.last + 60_000 })) })
  t.equal(fresh.length, 400)
  t.equal(unlisted, 200)
  const listed = await driftSeen(redis)
  t.equal(listed.drift.length, 1_000)
  t.same(listed.unlisted, { count: 200, last: 1_700_000_060_000 })
  const some = listed.drift.slice(0, 2)
  t.same(await forgetDrift(redis, some), some)
  t.match(await driftSeen(redis), { drift: { length: 998 }, unlisted: undefined })
  t.match(await keep(redis, { seen: fields(1_100, 1_103) }), { fresh: { length: 2 }, unlisted: 1 })
})

t.test('what is forgotten is what was named, told as it was at that moment; what comes again is news', async t => {
  const { redis } = await redisOf(t)
  const [one, two, three] = [deviation(), deviation({ kind: 'unfit-field' }), deviation({ field: 'Odd "\\u001b" \ud83d\ude00 {}' })]
  await keep(redis, { seen: [one, two, three] })
  await keep(redis, { seen: [one] })
  t.same(await forgetDrift(redis, [one, three, deviation({ field: 'never seen' })]), [{ ...one, count: 2 }, three])
  t.same(await forgetDrift(redis, [one]), [])
  t.same((await driftSeen(redis)).drift, [two])
  t.match(await keep(redis, { seen: [one, two] }), { fresh: [one] })
  await redis.hset('baton:{0}:drift', 'of another version', 'x')
  t.same((await forgetAllDrift(redis)).map(({ kind }) => kind).sort(), ['unfit-field', 'unknown-field'])
  t.same(await driftSeen(redis), { drift: [], unlisted: undefined })
  t.equal(await redis.exists('baton:{0}:drift'), 0)
})

t.test('what another version has written is passed over, and written anew when it is seen', async t => {
  const { redis } = await redisOf(t)
  await keep(redis, { seen: [deviation()] })
  const [id = ''] = await redis.hkeys('baton:{0}:drift')
  await redis.hset('baton:{0}:drift', id, '{"count":5}', '{"kind":"novel-kind","command":"A","field":""}', '1 1 1 {"problem":"p","example":"e"}')
  await redis.set('baton:{0}:drift:unlisted', 'many')
  t.same(await driftSeen(redis), { drift: [], unlisted: undefined })
  await keep(redis, { seen: [deviation()], unlisted: { count: 1, last: 5 } })
  t.same(await driftSeen(redis), { drift: [deviation()], unlisted: { count: 1, last: 5 } })
})

t.test('while Redis is away what is seen is joined and waits, in bounds; all of it comes when Redis does, and what is new is told once', async t => {
  const { redis, stop, start } = await redisOf(t)
  const { keeper, lines, counts } = keeperOf(t, redis, 3)
  keeper.add({ seen: [deviation()] })
  await keeper.write()
  t.match(lines, [/"level":50.*"kind":"unknown-field","command":"Group.CallbackAfterCreateGroup","field":"Novelty".*"example":"text of 3","alert":"CALLBACK_DRIFT"/])

  const closed = once(redis, 'close')
  await stop()
  await closed
  await keeper.write() // with nothing to write
  keeper.add({ seen: [deviation({ count: 2, first: 1_000, last: 1_500 })] })
  await keeper.write()
  keeper.add({ seen: [deviation({ count: 3, first: 2_000, last: 2_500, example: 'null' }), ...fields(0, 3)], unlisted: { count: 4, last: 9 } })
  keeper.add({ seen: [deviation({ count: 4, first: 3_000, last: 3_500, example: 'number' })] })
  await keeper.write()
  const ready = once(redis, 'ready')
  await start() // empty
  await ready
  await keeper.write()
  const { drift, unlisted } = await driftSeen(redis)
  t.match(drift.find(({ field }) => field === 'Novelty'), { count: 9, first: 1_000, last: 3_500, example: 'number' })
  t.same(drift.map(({ field }) => field).sort(), ['Novelty', 'Novelty0', 'Novelty1'])
  t.same(unlisted, { count: 5, last: 1_700_000_000_000 })
  t.same(counts, { fresh: 4, unlisted: 5 })
  t.match(lines.slice(1), [/"field":"Novelty".*CALLBACK_DRIFT/, /"field":"Novelty0".*CALLBACK_DRIFT/, /"field":"Novelty1".*CALLBACK_DRIFT/, /"unlisted":5,"most":3,"alert":"DRIFT_FULL"/])
  keeper.add({ seen: [deviation()] })
  await keeper.write()
  t.equal(lines.length, 5, 'what is known is no news')
})

for (const [trouble, how] of Object.entries({
  'is full': { begin: ['CONFIG', 'SET', 'maxmemory', '1'], end: ['CONFIG', 'SET', 'maxmemory', '0'], says: /OOM/ },
  'takes no writes': { begin: ['CONFIG', 'SET', 'min-replicas-to-write', '1'], end: ['CONFIG', 'SET', 'min-replicas-to-write', '0'], says: /NOREPLICAS/ },
  'has something else under a key': { begin: ['LPUSH', 'baton:{0}:drift:unlisted', 'x'], end: ['DEL', 'baton:{0}:drift:unlisted'], says: /WRONGTYPE/ },
  'has something else under another key': { begin: ['SET', 'baton:{0}:drift', 'x'], end: ['DEL', 'baton:{0}:drift'], says: /WRONGTYPE/ }
})) {
  t.test(`where Redis ${trouble}, nobody is held up, it is told once, and nothing is counted twice`, async t => {
    const { redis } = await redisOf(t)
    const { keeper, lines, counts } = keeperOf(t, redis)
    const order = async ([command = '', ...args]: string[]) => { await redis.call(command, ...args) }
    await order(how.begin)
    keeper.add({ seen: fields(0, 250) })
    for (let nth = 0; nth < 3; nth++) await keeper.write()
    t.equal(lines.length, 1)
    t.match(lines[0], how.says)
    t.match(lines[0], /DRIFT_UNLISTED/)
    t.notMatch(lines[0], /Novelty/)
    t.same(counts, { fresh: 0, unlisted: 0 })
    keeper.add({ seen: fields(0, 250) })
    await order(how.end)
    await keeper.write()
    const { drift } = await driftSeen(redis)
    t.equal(drift.length, 250)
    t.ok(drift.every(({ count }) => count === 2))
    t.same(counts, { fresh: 250, unlisted: 0 })
    t.match(lines[1], /is listed again/)
  })
}

t.test('an answer that is lost on its way costs no alert, and counts nothing twice', async t => {
  let lose = () => {}
  const lost = new Promise<void>(resolve => { lose = resolve })
  let losing = false
  const { redis } = await redisOf(t, {
    through: async url => {
      const proxy = createServer(client => {
        const server = connect(Number(new URL(url).port), '127.0.0.1')
        client.pipe(server)
        server.on('data', chunk => {
          if (!losing) return client.write(chunk)
          losing = false
          lose()
          client.destroy()
        })
        for (const socket of [client, server]) {
          socket.on('error', () => {})
          socket.on('close', () => {
            client.destroy()
            server.destroy()
          })
        }
      }).listen(0, '127.0.0.1')
      await once(proxy, 'listening')
      t.teardown(() => { proxy.close() })
      const address = proxy.address()
      return `redis://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
    }
  })
  const { keeper, lines, counts } = keeperOf(t, redis)
  keeper.add({ seen: [deviation()], unlisted: { count: 3, last: 1 } })
  losing = true
  const ready = once(redis, 'ready')
  const writing = keeper.write()
  await lost
  keeper.add({ seen: [deviation()] })
  await writing
  await ready
  await keeper.write()
  t.match(await driftSeen(redis), { drift: [{ count: 2 }], unlisted: { count: 3 } })
  t.same(counts, { fresh: 1, unlisted: 3 })
  t.match(lines, [/CALLBACK_DRIFT/, /DRIFT_FULL/])
  t.equal(lines.length, 2)
})

t.test('a flood of novelties is an alert of a few lines', async t => {
  const { redis } = await redisOf(t)
  const { keeper, lines, counts } = keeperOf(t, redis)
  keeper.add({ seen: fields(0, 900) })
  await keeper.write()
  t.equal(lines.length, 21)
  t.match(lines.at(-1), /"more":880,"alert":"CALLBACK_DRIFT"/)
  for (const from of [900, 1_800]) {
    keeper.add({ seen: fields(from, from + 900) })
    await keeper.write()
  }
  t.same(counts, { fresh: 1_000, unlisted: 1_700 })
  t.match(lines.slice(21).map(line => JSON.parse(line)), [...Array.from({ length: 20 }, () => ({ alert: 'CALLBACK_DRIFT' })), { more: 80 }, { unlisted: 800, alert: 'DRIFT_FULL' }])
  t.equal(lines.length, 43)
})
