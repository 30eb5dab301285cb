import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { Type } from '@sinclair/typebox'
import { BatonError, Duration, RelayDocument, defaultRelay, openRelayFile, readApps, readSettings, serveHealth } from '../src/index.ts'

const document = (text: string, variables: Record<string, string> = {}) => new RelayDocument('baton.yaml', text, name => variables[name])

t.test('settings have defaults, and an empty variable counts as unset', async t => {
  t.match(readSettings({}), { HOST: '127.0.0.1', PORT: 7080, WORKER_PORT: 7082, EMBEDDED_PG_PORT: 7083, INGRESS_PATH: '/', LOG_LEVEL: 'info', BATON_DATA_DIR: './data' })
  t.match(readSettings({ PORT: '', BATON_CONFIG: '' }), { PORT: 7080, BATON_CONFIG: undefined })
  t.match(readSettings({ PORT: '0', LOG_LEVEL: 'debug', REDIS_URL: 'rediss://x' }), { PORT: 0, LOG_LEVEL: 'debug', REDIS_URL: 'rediss://x' })
})

t.test('every unfit variable is named at once, secrets without their value', async t => {
  t.throws(() => readSettings({ PORT: '70000', WORKER_PORT: 'x', REDIS_URL: 'http://me:secret@x', LOG_LEVEL: 'loud', INGRESS_PATH: 'x' }), {
    code: 'SETTINGS_INVALID',
    problems: [/^REDIS_URL does not fit(?!.*secret)/, /^PORT = 70000 /, /^INGRESS_PATH/, /^WORKER_PORT = "x"/, /^LOG_LEVEL = "loud".*debug/]
  })
})

t.test('the default relay fits', async t => {
  const relay = document(defaultRelay)
  t.same(readApps(relay), [{ sdkAppId: 1400000000 }])
  t.same(relay.keys(['targets']), ['local'])
  t.same(relay.problems, [])
})

t.test('problems are collected with line and column', async t => {
  const relay = document('apps:\n  - sdkAppId: one\n    token: x\n  - sdkAppId: 1\n  - sdkAppId: 1\ntarget: {}\n')
  readApps(relay)
  t.same(relay.problems.map(problem => problem.split(' ')[0]), ['baton.yaml:2:5', 'baton.yaml:3:5', 'baton.yaml:6:1'])
  t.match(relay.problems.join('\n'), /apps\[0\]\.sdkAppId: must be integer[^]*apps\[0\]\.token: unknown key[^]*unknown key "target"/)
  t.throws(() => { relay.assertValid() }, { code: 'RELAY_FILE_INVALID', problems: [String, String, String] })
})

t.test('an app that stands twice is found', async t => {
  const relay = document('apps:\n  - sdkAppId: 1\n  - sdkAppId: 1\ntargets: {}\n')
  readApps(relay)
  t.match(relay.problems, [/^baton.yaml:3:5 apps\[1\]\.sdkAppId: 1 stands here twice/])
})

t.test('broken YAML is located', async t => {
  t.match(document('apps:\n  - sdkAppId: [1\n').problems, [/^baton\.yaml:\d+:\d+ /])
  t.match(document('apps: a\napps: b\n').problems, [/^baton\.yaml:2:1 /])
  t.match(document('- a\n').problems, [/must be a mapping/])
  t.match(document('').problems, [])
})

t.test('variables are substituted in the section that is read, and only there', async t => {
  const text = 'apps:\n  - sdkAppId: ${APP}\n    tokens: ["${TOKEN}"]\ntargets:\n  crm: { type: webhook, url: "${UNSET}" }\n' // eslint-disable-line no-template-curly-in-string
  const relay = document(text, { APP: '1400000007', TOKEN: '123456' })
  t.same(readApps(relay), [{ sdkAppId: 1400000007, tokens: ['123456'] }], 'unquoted digits are a number, quoted ones are text')
  t.same(relay.problems, [], 'the unset variable of a target does not stop the ingress')
  relay.section(['targets', 'crm'], Type.Object({ type: Type.String(), url: Type.String() }))
  t.match(relay.problems, [/^baton.yaml:5:29 .*UNSET is not set|UNSET/])
})

t.test('durations are written with a unit and read as ms', async t => {
  const schema = Type.Object({ wait: Duration({ default: '10s', description: 'How long.' }) })
  for (const [text, milliseconds] of [['500ms', 500], ['10s', 10_000], ['5m', 300_000], ['1h', 3_600_000], ['3d', 259_200_000]] as const) {
    t.same(document(`targets: { a: { wait: ${text} } }`).section(['targets', 'a'], schema), { wait: milliseconds })
  }
  t.same(document('targets: { a: {} }').section(['targets', 'a'], schema), { wait: 10_000 })
  for (const text of ['10', '1w', '-1s', '"1 s"', '1.5s']) {
    const relay = document(`targets: { a: { wait: ${text} } }`)
    t.equal(relay.section(['targets', 'a'], schema), undefined)
    t.match(relay.problems, [/targets\.a\.wait: .*500ms, 10s, 5m/])
  }
})

t.test('a relay file that is named must be there; without one there is ./baton.yaml, else the default', async t => {
  const folder = t.testdir({})
  t.throws(() => openRelayFile({ BATON_CONFIG: join(folder, 'none.yaml') }), { code: 'RELAY_FILE_MISSING', message: /BATON_CONFIG/ })
  const before = process.cwd()
  process.chdir(folder)
  t.teardown(() => { process.chdir(before) })
  t.same(openRelayFile({}).keys(['targets']), ['local'])
  writeFileSync('baton.yaml', 'apps: [{ sdkAppId: 5 }]\ntargets: { mine: { type: memory } }\n')
  t.same(openRelayFile({}).keys(['targets']), ['mine'])
})

t.test('any thrown value becomes a BatonError that keeps its cause', async t => {
  const cause = new Error('x')
  t.match(BatonError.from(cause), { code: 'UNEXPECTED', cause })
  t.match(BatonError.from('text'), { code: 'UNEXPECTED', message: 'text' })
  const known = new BatonError('NOT_FOUND', 'gone', { problems: ['a', 'b'] })
  t.equal(BatonError.from(known), known)
  t.equal(known.toText(), 'gone (NOT_FOUND)\n  - a\n  - b')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const [error] = await once(createServer().listen(port, '127.0.0.1'), 'error')
  t.match(BatonError.from(error), { code: 'PORT_IN_USE', message: new RegExp(`${port}.*PORT`) })
})

t.test('health: live, ready or what stands in the way, metrics, and nothing else', async t => {
  const obstacles: string[] = []
  const health = await serveHealth('127.0.0.1', 0, { ready: async () => obstacles[0], metrics: async () => 'a 1\n' })
  t.teardown(async () => { await health.close() })
  const status = async (path: string, method = 'GET') => {
    const response = await fetch(health.url + path, { method })
    return [response.status, await response.text()]
  }
  t.same(await status('/livez'), [200, 'alive\n'])
  t.same(await status('/readyz?x=1'), [200, 'ready\n'])
  obstacles.push('Redis is away')
  t.same(await status('/readyz'), [503, 'Redis is away\n'])
  t.same(await status('/metrics'), [200, 'a 1\n'])
  t.match(await status('/'), [404])
  t.match(await status('/livez', 'POST'), [405])
})
