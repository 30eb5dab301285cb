import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { compare, recordingLine, type CompareOptions } from '../src/index.ts'

const topic = 'Group.CallbackAfterCreateTopic'
/** ms since 1970: within the second hour of what the tests record. */
const hour = Date.parse('2026-11-20T08:00:00Z')
const minute = 60_000

interface Seen {
  at: number | undefined
  body?: string | Buffer
  command?: string
  app?: number
  query?: string
}

/** As the journal tells it. */
const accepted = ({ at, body = `{"n":${at}}`, command = topic, app = 14, query = `SdkAppid=${app}&CallbackCommand=${command}` }: Seen): string =>
  recordingLine({ query, body: Buffer.from(body), ...(at !== undefined && { receivedAt: at }), ...{ event: 'evt_1', app, command } })

/** As nginx logs it: other bytes than ASCII's as they are. */
function received ({ at, body = `{"n":${at}}`, command = topic, app = 14, query = `SdkAppid=${app}&CallbackCommand=${command}&RequestTime=${randomBytes(2).readUInt16LE()}` }: Seen, contentLength = Buffer.from(body).length): Buffer {
  const escaped = Buffer.from(body).toString('latin1').replaceAll(/[^ -\u00ff]|["\\]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return Buffer.from(`{"query":"${query}","body":"${escaped}",${at === undefined ? '' : `"receivedAt":${at},`}"contentLength":"${contentLength}","status":200}`, 'latin1')
}

const fileOf = (t: Test, name: string, lines: Array<string | Buffer>): string => {
  const path = join(t.testdirName, name)
  writeFileSync(path, Buffer.concat(lines.flatMap(line => [Buffer.from(line), Buffer.from('\n')])))
  return path
}

async function comparing (t: Test, one: Array<string | Buffer>, other: Array<string | Buffer>, options: Partial<CompareOptions> = {}) {
  t.testdir({})
  return await compare({ received: [fileOf(t, 'received', one)], accepted: [fileOf(t, 'accepted', other)], ...options })
}

/** An hour of callbacks, one a minute; without those left out. */
const anHour = (line: (seen: Seen) => string | Buffer, without: number[] = [], shift = 0): Array<string | Buffer> =>
  Array.from({ length: 61 }, (_, nth) => nth).filter(nth => !without.includes(nth)).map(nth => line({ at: hour + nth * minute + shift, body: `{"n":${nth}}` }))

t.test('callbacks are the same by app, command and the bytes of the body, whatever else differs', async t => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  const bodies = ['{"a":1}', '{ "a": 1 }', '{"a":"ä😀\\u00e4\\n"}', '{"a":"\u007f\u2028"}', '', bytes, Buffer.from([0xc3]), Buffer.concat([Buffer.from('{"t":"\u00e4'), Buffer.from([0xff])])]
  const seen = bodies.map((body, nth): Seen => ({ at: hour + nth * minute, body }))
  const same = await comparing(t, seen.map(one => received(one)), seen.reverse().map(one => accepted({ ...one, at: Number(one.at) + 20 })))
  t.match(same, { isMatch: true, total: { both: bodies.length, callbacks: { received: bodies.length, accepted: bodies.length } }, missing: [], badLines: { count: 0 } })
  t.same(same.commands.map(({ app, command, both }) => [app, command, both]), [[14, topic, bodies.length]])

  const differing = await comparing(t, anHour(received), anHour(({ at, body = '' }) => {
    switch (at) {
      case hour + 20 * minute: return accepted({ at, body, app: 15 })
      case hour + 30 * minute: return accepted({ at, body, command: 'Group.CallbackAfterCreateGroup' })
      case hour + 40 * minute: return accepted({ at, body: `${String(body)} ` })
      default: return accepted({ at, body })
    }
  }))
  t.match(differing, { isMatch: false, total: { both: 58, only: { received: { missing: 3 }, accepted: { missing: 3 } } } })
  t.same(differing.missing.map(({ only, app, command }) => [only, app, command].join(' ')).sort(), [
    'accepted 14 Group.CallbackAfterCreateGroup', `accepted 14 ${topic}`, `accepted 15 ${topic}`, `received 14 ${topic}`, `received 14 ${topic}`, `received 14 ${topic}`
  ])
})

t.test('a command is that of the query, else that of the body; what names none, or no app, is told', async t => {
  const body = `{"CallbackCommand":"${topic}"}`
  const lines = [
    received({ at: hour, body, query: 'SdkAppid=14' }),
    received({ at: hour + minute, body: '{"CallbackCommand":7}', query: 'SdkAppid=14' }),
    received({ at: hour + 2 * minute, query: `SdkAppid=ours&CallbackCommand=${topic}` }),
    received({ at: hour + 3 * minute, query: 'CallbackCommand=No.Such+Command!' })
  ]
  const { commands, isMatch } = await comparing(t, lines, [accepted({ at: hour, body, query: `CallbackCommand=${topic}&SdkAppid=14` }), accepted({ at: hour + 3 * minute, app: 1 })])
  t.notOk(isMatch)
  t.same(commands.map(({ app, command, both, callbacks }) => [app, command, both, callbacks.received]), [[null, null, 0, 1], [null, topic, 0, 1], [1, topic, 0, 0], [14, null, 0, 1], [14, topic, 1, 1]])
})

t.test('repeats count, and need not where callbacks are to be distinct', async t => {
  const again = { at: hour + 30 * minute, body: '{"n":30}' }
  const late = { at: hour + 31 * minute, body: '{"n":30}' }
  t.match(await comparing(t, [...anHour(received), received(late)], [...anHour(accepted), accepted(again)]), { isMatch: true, total: { both: 62, repeats: { received: 1, accepted: 1 } } })
  const surplus = [...anHour(received), received(again), received(late)]
  t.match(await comparing(t, surplus, anHour(accepted)), {
    isMatch: false,
    total: { both: 61, repeats: { received: 2, accepted: 0 }, only: { received: { missing: 2 }, accepted: { missing: 0 } } },
    missing: [{ only: 'received', times: { received: 3, accepted: 1 }, sha256: createHash('sha256').update('{"n":30}').digest('hex') }, {}]
  })
  t.match(await comparing(t, surplus, anHour(accepted), { distinct: true }), { isMatch: true, total: { both: 61, repeats: { received: 2 } } })
  t.match(await comparing(t, anHour(received, [30]), [...anHour(accepted), accepted(again)], { distinct: true }), { isMatch: false, total: { both: 60, only: { accepted: { missing: 1 } } } })
})

t.test('what one side lacks is missing only where it should have it', async t => {
  // received: minutes 0 to 60; accepted: minutes 10 to 70, 20 ms later.
  const one = anHour(received, [25])
  const other = anHour(({ at, body = '' }) => accepted({ at: Number(at) + 10 * minute + 20, body: `{"n":${Number(String(body).slice(5, -1)) + 10}}` }), [5, 40])
  const compared = await comparing(t, one, other)
  t.match(compared, {
    isMatch: false,
    overlap: { from: hour + 10 * minute + 20, to: hour + 60 * minute },
    edge: 5_000,
    total: { both: 48, only: { received: { outside: 10, edge: 0, missing: 2 }, accepted: { outside: 0, late: 10, edge: 0, missing: 1 } } }
  })
  t.same(compared.missing.map(({ only, time }) => [only, (Number(time) - hour) / minute]), [['received', 15], ['accepted', 25 + 20 / minute], ['received', 50]])
  t.same(compared.files.map(({ side, callbacks, window }) => [side, callbacks, window]), [
    ['received', 60, { from: hour, to: hour + 60 * minute }],
    ['accepted', 59, { from: hour + 10 * minute + 20, to: hour + 70 * minute + 20 }]
  ])
  const clocks = await comparing(t, anHour(received), anHour(accepted, [0], 2_000)) // 2 s late, so that the first two of the one side come before the other begins
  t.match(clocks, { isMatch: true, total: { both: 60, only: { received: { outside: 1 } } } })
  const byASecond = (edge: number) => comparing(t, [...anHour(received), received({ at: hour + 1_000, body: 'early' }), received({ at: hour + 60 * minute - 1_000, body: 'late' })], anHour(accepted), { edge })
  t.match(await byASecond(2_000), { isMatch: true, total: { only: { received: { edge: 2, missing: 0 } } } })
  t.match(await byASecond(500), { isMatch: false, total: { only: { received: { edge: 0, missing: 2 } } } })
  t.match(await byASecond(1e9), { edge: 6 * minute }, 'edges never take all that is compared')
})

t.test('where Baton stopped accepting while the controller went on, nothing matches', async t => {
  const stopped = anHour(accepted).slice(0, 40)
  t.match(await comparing(t, anHour(received), stopped), { isMatch: false, total: { both: 40, only: { received: { late: 21, missing: 0 } } } })
  t.match(await comparing(t, anHour(received).slice(0, 40), anHour(accepted)), { isMatch: true, total: { both: 40, only: { accepted: { late: 21 } } } }, 'the log of the controller may end before')
})

t.test('callbacks that came late to the other side are the same all the same', async t => {
  const late = anHour(received).map((line, nth) => nth === 30 ? received({ at: hour + 120 * minute, body: '{"n":30}' }) : line)
  t.match(await comparing(t, late, anHour(accepted)), { isMatch: true, total: { both: 61 } })
})

t.test('nothing is no match: empty files, sides of different times, and nothing in common', async t => {
  t.match(await comparing(t, [], []), { isMatch: false, overlap: null, total: { both: 0 } })
  t.match(await comparing(t, anHour(received), []), { isMatch: false, total: { only: { received: { missing: 61 } } } })
  t.match(await comparing(t, anHour(received), anHour(accepted, [7], 100 * minute)), { isMatch: false, overlap: null, total: { both: 60, only: { received: { outside: 1 } } } })
  t.match(await comparing(t, anHour(received), anHour(accepted, [], 100 * minute)), { isMatch: true, overlap: null }, 'all came, though late')
  t.match(await comparing(t, [received({ at: hour, body: '1' })], [accepted({ at: hour, body: '2' })]), { isMatch: false, total: { both: 0, only: { received: { missing: 1 } } } })
})

t.test('where a side does not say when, all is compared', async t => {
  const untimed = [1, 2, 3].map(n => received({ at: undefined, body: `{"n":${n}}` }))
  t.match(await comparing(t, untimed, anHour(accepted, [0, ...Array.from({ length: 57 }, (_, nth) => nth + 4)])), { isMatch: true, overlap: null, total: { both: 3 } })
  t.match(await comparing(t, untimed, [1, 2].map(n => accepted({ at: undefined, body: `{"n":${n}}` }))), { isMatch: false, missing: [{ only: 'received', time: null }] })
})

t.test('several files make one side, and probes are no callbacks', async t => {
  t.testdir({})
  const lines = anHour(received)
  const files = [fileOf(t, 'one', lines.slice(0, 30)), fileOf(t, 'two', lines.slice(30)), fileOf(t, 'probes', [received({ at: hour, command: 'Baton.Probe' })])]
  const compared = await compare({ received: files, accepted: [fileOf(t, 'accepted', anHour(accepted))] })
  t.match(compared, { isMatch: true, total: { both: 61 } })
  t.same(compared.files.map(({ callbacks, probes }) => [callbacks, probes]), [[30, 0], [31, 0], [0, 1], [61, 0]])
})

t.test('a line that cannot be read is named, never quoted, and there is no match with it', async t => {
  const secret = 'hush'
  const bad = [
    `{"query":"a=1","body":"${secret}`,
    `{"query":"","body":"${secret}"}`,
    `{"query":"a=1","bodyBase64":"${secret}!"}`,
    `{"query":"a=1","body":"${secret}","bodyBase64":""}`,
    '{"query":"a=1"}',
    `"${secret}"`,
    received({ at: hour, body: secret }, 5),
    received({ at: hour, body: '' }, 2_000_000),
    `{"query":"a=1","body":"${'x'.repeat(9 << 20)}"}`
  ]
  const compared = await comparing(t, ['', ...anHour(received), '  ', ...bad], anHour(accepted))
  t.match(compared, { isMatch: false, total: { both: 61, only: { received: { missing: 0 }, accepted: { missing: 0 } } }, badLines: { count: bad.length } })
  t.same(compared.badLines.examples.map(({ line }) => line), bad.map((_, nth) => nth + 64))
  const problems = [/no JSON/, /query does not fit/, /bodyBase64 does not fit/, /either body or bodyBase64/, /either body or bodyBase64/, /the line does not fit/, /has 4 of the 5 bytes/, /has 0 of the 2000000 bytes .*client_body_buffer_size/, /too long/]
  for (const [nth, problem] of problems.entries()) t.match(compared.badLines.examples[nth]?.problem, problem)
  t.notMatch(JSON.stringify(compared), secret)
  await t.rejects(compare({ received: [join(t.testdirName, 'none')], accepted: [] }), { code: 'BAD_ARGUMENT', message: /none cannot be read/ })
})

t.test('only so many examples are named, the earliest first', async t => {
  const lines = Array.from({ length: 5_000 }, (_, nth) => received({ at: hour + nth * 1_000 }))
  const { missing, total } = await comparing(t, lines, [lines[0] ?? '', lines.at(-1) ?? ''], { examples: 3, edge: 0 })
  t.equal(total.only.received.missing, 4_998)
  t.same(missing.map(({ time }) => time), [1, 2, 3].map(nth => hour + nth * 1_000))
  t.same((await comparing(t, lines, anHour(accepted), { examples: 0 })).missing, [])
})

t.test('callbacks take little memory: hashes and times, no bodies', async t => {
  t.testdir({})
  const text = 'x'.repeat(2_000)
  const file = fileOf(t, 'many', Array.from({ length: 50_000 }, (_, nth) => accepted({ at: hour + nth, body: `{"n":${nth},"text":"${text}"}` })))
  const child = spawn(process.execPath, ['--max-old-space-size=64', '--input-type=module', '-e', `
    import { compare } from ${JSON.stringify(import.meta.resolve('@baton/operations'))}
    const idle = process.memoryUsage().rss
    let most = 0
    const watch = setInterval(() => { most = Math.max(most, process.memoryUsage().rss) }, 10)
    const { total } = await compare({ received: [${JSON.stringify(file)}], accepted: [${JSON.stringify(file)}] })
    clearInterval(watch)
    console.log(JSON.stringify({ both: total.both, grown: most - idle }))`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(child.stdout, 'data')
  const { both, grown } = JSON.parse(String(said))
  t.equal(both, 50_000)
  t.ok(grown < 80e6, `${grown} bytes more for two files of ${statSync(file).size} bytes`)
})
