import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { refusals } from '@baton/contracts'
import { createLogger } from '@baton/runtime'
import { redisServer } from '@baton/testing'
import { QuarantineWriter, QuarantineWriters, connectRedis, isQuarantinedKind, quarantineEntry, quarantineOf, quarantinePage, untilReady, type Quarantined, type QuarantineWriterOptions } from '../src/index.ts'
import { keepInQuarantine } from '../src/quarantine-keep.ts'

const silent = createLogger('test', 'silent')

/** A connection as the ingress has it, to a Redis of the test's own. */
async function redisOf (t: Test) {
  const { url, ...control } = await redisServer(t)
  const redis = connectRedis(url, 'producer', silent)
  t.teardown(() => { redis.disconnect() })
  await untilReady(redis, url, 5_000)
  return { redis, ...control }
}

let made = 0
const entryOf = (fields: Partial<Quarantined> = {}): Quarantined =>
  ({ kind: 'unfit-field', app: 1400000000, info: 'GroupId is missing', command: 'Group.CallbackAfterCreateGroup', query: 'SdkAppid=1400000000', receivedAt: 1_700_000_000_000 + ++made, body: Buffer.from('{}'), ...fields })

/** A writer, whose losses and lines of log are told; `untilSettled` resolves once so many entries are kept or lost. */
function writerOf (t: Test, options: Pick<QuarantineWriterOptions, 'redis' | 'bounds' | 'waiting'>) {
  const told = { kept: 0, lost: 0 }
  const lines: string[] = []
  let check = () => {}
  const writer = new QuarantineWriter({
    ...options,
    name: 'quarantine',
    log: createLogger('test', 'info', { write: line => { lines.push(line) } }),
    settled: ({ kept, lost }) => {
      told.kept += kept
      told.lost += lost
      check()
    }
  })
  t.teardown(async () => { await writer.close() })
  const untilSettled = async (count: number) => {
    await new Promise<void>(resolve => {
      check = () => { if (told.kept + told.lost >= count) resolve() }
      check()
    })
  }
  return { writer, told, lines, untilSettled }
}

/** Keeps entries as a writer of their own would. */
const keep = async (redis: Parameters<typeof keepInQuarantine>[0], entries: Quarantined[], bounds?: Parameters<typeof keepInQuarantine>[3]) =>
  await keepInQuarantine(redis, 'quarantine', { writer: randomUUID(), first: 1, entries }, bounds)

t.test('refusals with 400 and 401 are kept, each in a quarantine of its own; of others nothing is', async t => {
  const of = (name?: string) => Object.keys(refusals).filter(kind => (isQuarantinedKind(kind) ? quarantineOf[kind] : undefined) === name)
  t.same(of('quarantine'), ['not-json-object', 'commands-differ', 'no-command', 'unfit-field'])
  t.same(of('quarantine-unsigned'), ['sign-missing', 'sign-wrong', 'sign-stale'])
  t.same(of(), ['not-post', 'unknown-path', 'wrong-app', 'wrong-address', 'body-too-large', 'not-durable'])
})

t.test('an entry comes back as it was, whatever its bytes', async t => {
  const { redis } = await redisOf(t)
  const bodies = [
    Buffer.from('\uFEFF{"n": 144115212830834855, "e":"\u{1F600}\u0000"}\r\n'),
    Buffer.from([0x7B, 0xFF, 0x00, 0x7D]),
    Buffer.alloc(0),
    Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  ]
  const entries = bodies.map((body, at) => entryOf({ body, command: at === 0 ? 'A.B' : undefined, info: 'why \u00e9', query: 'a=%20&b' }))
  await keep(redis, entries)
  const page = await quarantinePage(redis, 'quarantine')
  t.same(page.entries.map(({ id, ...entry }) => entry), entries.toReversed())
  t.match(page, { total: 4, evicted: 0, entries: [{ id: /^q_\d+-\d+$/ }] })
  for (const entry of page.entries) t.same(await quarantineEntry(redis, entry.id), entry)
  for (const id of ['q_1-1', 'qu_1-1', 'evt_x', '', page.entries[0]?.id.replace('q_', 'qu_') ?? '']) t.equal(await quarantineEntry(redis, id), undefined, id)
})

t.test('wrongly signed ones have a stream of their own, and every key carries the tag of the partition', async t => {
  const { redis } = await redisOf(t)
  let settled = 0
  const quarantines = new QuarantineWriters({ redis, log: silent, settled: ({ kept }) => { settled += kept } })
  for (const kind of ['sign-wrong', 'unfit-field', 'sign-stale'] as const) quarantines.add(entryOf({ kind }))
  await quarantines.close()
  t.equal(settled, 3)
  t.match(await quarantinePage(redis, 'quarantine'), { total: 1, entries: [{ id: /^q_/, kind: 'unfit-field' }] })
  const unsigned = await quarantinePage(redis, 'quarantine-unsigned')
  t.match(unsigned, { total: 2, entries: [{ id: /^qu_/, kind: 'sign-stale' }, { kind: 'sign-wrong' }] })
  t.match(await quarantineEntry(redis, unsigned.entries[1]?.id ?? ''), { kind: 'sign-wrong' })
  const keys = await redis.keys('*')
  t.equal(keys.length, 6)
  t.same(keys.filter(key => !key.startsWith('baton:{0}:quarantine')), [])
})

t.test('the number of entries is bounded: the oldest give way, and are counted', async t => {
  const { redis } = await redisOf(t)
  const entries = Array.from({ length: 7 }, () => entryOf())
  const bounds = { entries: 3, bytes: 1_000_000 }
  t.equal(await keep(redis, entries.slice(0, 2), bounds), 0)
  t.equal(await keep(redis, entries.slice(2), bounds), 4)
  const { total, evicted, entries: left } = await quarantinePage(redis, 'quarantine')
  t.same({ total, evicted }, { total: 3, evicted: 4 })
  t.same(left.map(({ receivedAt }) => receivedAt), entries.slice(-3).map(({ receivedAt }) => receivedAt).reverse())
})

t.test('the bytes of entries are bounded, and counted exactly: what comes and goes leaves nothing behind', async t => {
  const { redis } = await redisOf(t)
  const bounds = { entries: 1_000, bytes: 10_000 }
  const bytes = async () => Number(await redis.hget('baton:{0}:quarantine:counts', 'bytes'))
  const stored = async () => (await redis.xrange('baton:{0}:quarantine', '-', '+')).flatMap(([, values]) => values).join('').length
  for (let nth = 0; nth < 5; nth++) await keep(redis, [entryOf({ body: Buffer.alloc(3_000, 'x') }), entryOf({ body: Buffer.alloc(10, 0xFF) })], bounds)
  t.ok(await bytes() <= bounds.bytes)
  t.equal(await bytes(), await stored())
  const { total, evicted } = await quarantinePage(redis, 'quarantine')
  t.equal(total + evicted, 10)
  t.ok(total >= 4, 'as much is kept as fits')

  t.equal(await keep(redis, [entryOf({ body: Buffer.alloc(10_001, 'x') })], bounds), total + 1, 'what never fits gives way itself')
  t.equal(await bytes(), 0)
  await keep(redis, [entryOf()], bounds)
  t.equal(await bytes(), await stored())
})

t.test('the same batch again, or one that begins with it, adds nothing twice', async t => {
  const { redis } = await redisOf(t)
  const [a, b, c] = [entryOf(), entryOf(), entryOf()]
  const write = async (writer: string, first: number, ...entries: Quarantined[]) => await keepInQuarantine(redis, 'quarantine', { writer, first, entries })
  await write('w1', 1, a, b)
  await write('w1', 1, a, b, c)
  await write('w1', 2, b)
  await write('w1', 1, a, b, c)
  const times = (await quarantinePage(redis, 'quarantine')).entries.map(({ receivedAt }) => receivedAt)
  t.same(times, [c, b, a].map(({ receivedAt }) => receivedAt))
  await write('w2', 1, a)
  t.equal((await quarantinePage(redis, 'quarantine')).total, 4, 'another writer has numbers of its own')
})

t.test('pages go from the newest to the oldest, none twice', async t => {
  const { redis } = await redisOf(t)
  const entries = Array.from({ length: 130 }, () => entryOf())
  await keep(redis, entries)
  const expected = entries.map(({ receivedAt }) => receivedAt).reverse()
  const times: number[] = []
  let before: string | undefined
  for (const limit of [1, 60, 1_000]) {
    const page = await quarantinePage(redis, 'quarantine', { before, limit })
    t.equal(page.total, 130)
    times.push(...page.entries.map(({ receivedAt }) => receivedAt))
    before = page.entries.at(-1)?.id
  }
  t.same(times, expected)
  t.same((await quarantinePage(redis, 'quarantine', { before })).entries, [])
})

t.test('an entry of a version that this one does not know is passed over', async t => {
  const { redis } = await redisOf(t)
  await keep(redis, [entryOf()])
  await redis.xadd('baton:{0}:quarantine', '*', 'v', '2', 'novelty', 'true')
  const { total, entries } = await quarantinePage(redis, 'quarantine')
  t.same([total, entries.length], [2, 1])
})

t.test('while Redis is away entries wait, in bounds; what does not fit is lost, counted, and told once an outage', async t => {
  const { redis, stop, start } = await redisOf(t)
  const { writer, told, lines, untilSettled } = writerOf(t, { redis, waiting: { entries: 3, bytes: 10_000 } })
  const outage = async () => {
    const closed = new Promise(resolve => { redis.once('close', resolve) })
    await stop()
    await closed
    const entries = Array.from({ length: 5 }, () => entryOf())
    for (const entry of entries) writer.add(entry)
    return entries
  }
  const first = await outage()
  t.same(told, { kept: 0, lost: 2 })
  t.match(lines, [/QUARANTINE_LOST/])
  t.equal(lines.length, 1)
  await start()
  await untilSettled(5)
  t.same(told, { kept: 3, lost: 2 })
  t.same((await quarantinePage(redis, 'quarantine')).entries.map(({ receivedAt }) => receivedAt), first.slice(0, 3).map(({ receivedAt }) => receivedAt).reverse())
  t.match(lines.slice(1), [/"lost":2.*kept again/])

  await outage()
  await start()
  await untilSettled(10)
  t.same(told, { kept: 6, lost: 4 })
  t.match(lines.slice(2), [/QUARANTINE_LOST/, /kept again/])
})

t.test('bytes that wait are bounded too', async t => {
  const { redis, stop } = await redisOf(t)
  await stop()
  const { writer, told } = writerOf(t, { redis, waiting: { entries: 100, bytes: 5_000 } })
  for (let nth = 0; nth < 4; nth++) writer.add(entryOf({ body: Buffer.alloc(2_000, 'x') }))
  t.same(told, { kept: 0, lost: 2 })
  await writer.close()
  t.same(told, { kept: 0, lost: 4 }, 'closing waits for no Redis')
  writer.add(entryOf())
  t.same(told, { kept: 0, lost: 5 })
})

t.test('a Redis that takes no writes is told of once; what waited is written as soon as it does, in as few commands as it needs', async t => {
  const { redis } = await redisOf(t)
  await redis.config('SET', 'min-replicas-to-write', '1')
  let refused = () => {}
  const refusal = new Promise<void>(resolve => { refused = resolve })
  const { writer, told, lines, untilSettled } = writerOf(t, { redis })
  const push = lines.push.bind(lines)
  lines.push = (...added) => {
    refused()
    return push(...added)
  }
  for (let nth = 0; nth < 250; nth++) writer.add(entryOf())
  await refusal
  await redis.config('SET', 'min-replicas-to-write', '0')
  await untilSettled(250)
  t.same(told, { kept: 250, lost: 0 })
  t.equal((await quarantinePage(redis, 'quarantine')).total, 250)
  t.match(lines, [/NOREPLICAS.*it waits in memory/])
  t.equal(lines.length, 1)
  t.match(await redis.info('commandstats'), /cmdstat_eval:calls=\d{1,2},/)
})

t.test('what gives way is an alert, once', async t => {
  const { redis } = await redisOf(t)
  const { writer, lines } = writerOf(t, { redis, bounds: { entries: 2, bytes: 100_000 } })
  for (let nth = 0; nth < 350; nth++) writer.add(entryOf())
  await writer.close()
  t.equal(lines.length, 1)
  t.match(lines, [/"evicted":\d+.*QUARANTINE_FULL/])
  t.match(await quarantinePage(redis, 'quarantine'), { total: 2, evicted: 348 })
})
