import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { freePort } from '@baton/testing'
import { greeting } from '../src/greeting.ts'
import { shellQuoted } from '../src/shell-quoted.ts'
import { table } from '../src/table.ts'
import { visible } from '../src/visible.ts'

const run = promisify(execFile)
const built = (file: string) => new URL(`../dist/src/${file}`, import.meta.url).href

/** A process under test. What it and its children print comes together; the output ends only when all of them are gone. */
function observed (t: Test, argv: string[], options: { cwd?: string, environment?: Record<string, string> } = {}) {
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'], cwd: options.cwd, env: { ...process.env, ...options.environment } })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  const take = (chunk: Buffer) => { output += String(chunk); child.emit('output') }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const exited = once(child, 'exit').then(([code, signal]) => signal ?? code)
  const familyGone = once(child, 'close')
  return {
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    output: () => output,
    /** Waits until the output matches. */
    says: async (expected: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = expected.exec(output)
        if (found) return found
        await Promise.race([once(child, 'output'), familyGone.then(() => { if (!expected.test(output)) throw new Error(`it ended without saying ${expected}:\n${output}`) })])
      }
    },
    /** The exit code, or the signal, once the last process of the family is gone. */
    ended: async () => {
      await familyGone
      return await exited
    }
  }
}

/** Supervises fake children, named in phases; `code` is what each one runs. */
const supervising = (t: Test, phases: string[][], code: Record<string, string>, whenItDies: Record<string, string> = {}) => observed(t, ['--input-type=module', '-e', `
  import { supervise } from ${JSON.stringify(built('supervise.js'))}
  import { startChild } from ${JSON.stringify(built('start-child.js'))}
  const code = ${JSON.stringify(code)}, whenItDies = ${JSON.stringify(whenItDies)}
  supervise(${JSON.stringify(phases)}.map(names => names.map(name => ({
    name,
    whenItDies: whenItDies[name] ?? 'end',
    start: stopping => startChild({ name, argv: ['-e', code[name]], environment: process.env }, stopping)
  }))), () => console.log('all are ready'))`])

/** A child that behaves as runProcess does. */
const obedient = (name: string, more = '') => `
  process.once('SIGTERM', () => { console.log('${name} stops'); process.exit() })
  process.once('disconnect', () => { console.log('${name} is alone'); process.exit() })
  console.log('${name} runs as <' + process.pid + '>')
  process.send({ type: 'ready', urls: {} })
  ${more}`

t.test('on SIGTERM and SIGINT all are stopped, the last first, and the code is 0', async t => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const family = supervising(t, [['redis', 'postgres'], ['worker', 'ingress']], Object.fromEntries(['redis', 'postgres', 'worker', 'ingress'].map(name => [name, obedient(name)])))
    await family.says(/all are ready/)
    family.kill(signal)
    t.equal(await family.ended(), 0)
    t.same([...family.output().matchAll(/(\w+) stops/g)].map(([, name]) => name), ['ingress', 'worker', 'postgres', 'redis'])
  }
})

t.test('a child that dies takes the others down with code 1, and is named', async t => {
  const family = supervising(t, [['worker', 'ingress']], { worker: obedient('worker'), ingress: obedient('ingress') })
  const [, pid] = await family.says(/worker runs as <(\d+)>[^]*all are ready/)
  process.kill(Number(pid), 'SIGKILL')
  t.equal(await family.ended(), 1)
  t.match(family.output(), /ingress stops[^]*The worker ended \(SIGKILL\)[^]*PROCESS_DIED/)
})

t.test('a child that does not start takes the others down with code 1, started or not', async t => {
  const family = supervising(t, [['postgres'], ['worker', 'ingress']], {
    postgres: obedient('postgres'),
    worker: "process.on('SIGTERM', () => { console.log('worker stops'); process.exit() }); process.on('disconnect', () => {}); console.log('worker is slow')",
    ingress: "console.error('the port is in use'); process.exitCode = 1; process.disconnect(); setInterval(() => {}, 1000)"
  })
  t.equal(await family.ended(), 1)
  t.match(family.output(), /the port is in use[^]*postgres stops[^]*The ingress did not start/)
  t.notMatch(family.output(), /all are ready/)
})

t.test('a part that may be restarted is, until it dies too often', async t => {
  const family = supervising(t, [['redis'], ['worker']], { redis: obedient('redis'), worker: obedient('worker') }, { redis: 'restart' })
  const [, pid] = await family.says(/redis runs as <(\d+)>[^]*all are ready/)
  process.kill(Number(pid), 'SIGKILL')
  const [, next] = await family.says(/The redis ended \(SIGKILL\); starting it again[^]*redis runs as <(\d+)>/)
  t.not(next, pid)
  family.kill('SIGTERM')
  t.equal(await family.ended(), 0)
  t.match(family.output(), /worker stops/)
  t.match(family.output(), /redis stops/) // before it where it was not ready again yet

  const hopeless = supervising(t, [['redis'], ['worker']], { redis: obedient('redis', 'process.exit(3)'), worker: obedient('worker') }, { redis: 'restart' })
  t.equal(await hopeless.ended(), 1)
  t.match(hopeless.output(), /worker stops[^]*The redis ended \(.*died 5 times within a minute\)/)
})

t.test('after kill -9 nobody is left', async t => {
  const family = supervising(t, [['worker', 'ingress']], { worker: obedient('worker'), ingress: obedient('ingress') })
  await family.says(/all are ready/)
  family.kill('SIGKILL')
  t.equal(await family.ended(), 'SIGKILL')
  t.match(family.output(), /worker is alone/)
  t.match(family.output(), /ingress is alone/)
})

t.test('a second signal ends all at once', async t => {
  const stubborn = "process.on('SIGTERM', () => console.log('not yet')); setInterval(() => {}, 1000); process.send({ type: 'ready', urls: {} })"
  const family = supervising(t, [['worker']], { worker: stubborn })
  await family.says(/all are ready/)
  family.kill('SIGINT')
  await family.says(/not yet/)
  const again = setInterval(() => { family.kill('SIGINT') }, 200) // the first ones still count as the same wish
  t.teardown(() => { clearInterval(again) })
  t.equal(await family.ended(), 1)
})

/** Runs a compiler of the test's own beside a worker, as `npm run dev` does. */
const compiling = (t: Test, tsc: string) => observed(t, ['--input-type=module', '-e', `
  import { supervise } from ${JSON.stringify(built('supervise.js'))}
  import { compiler } from ${JSON.stringify(built('compiler.js'))}
  supervise([[compiler(${JSON.stringify(join(t.testdir({ 'tsc.cjs': tsc }), 'tsc.cjs'))})]], () => console.log('all are ready'))`])

t.test('a compiler that finds errors can be stopped, and is not left behind', async t => {
  const family = compiling(t, "console.log('a.ts(1,1): error TS1005'); setInterval(() => {}, 1000)")
  await family.says(/TS1005/)
  family.kill('SIGINT')
  t.equal(await family.ended(), 0)
  t.notMatch(family.output(), /all are ready/)
})

t.test('a compiler is ready with its first build, however its words come', async t => {
  const family = compiling(t, "process.stdout.write('12:00 - Found 0 err'); setImmediate(() => process.stdout.write('ors. Watching for file changes.\\n')); setInterval(() => {}, 1000)")
  await family.says(/Found 0 errors[^]*all are ready/)
  family.kill('SIGTERM')
  t.equal(await family.ended(), 0)
})

t.test('text for a terminal holds nothing that could act on it', async t => {
  t.equal(visible('a\u001b[2J\r\u0000\u007f\u009b1m\n\tü\u{1F600}'), 'a\\u001b[2J\\u000d\\u0000\\u007f\\u009b1m\n\tü\u{1F600}')
  t.equal(table([{ REASON: '\u001b]0;x' }]), 'REASON\n\\u001b]0;x')
})

t.test('the greeting', async t => {
  const relay = {
    urls: { ingress: 'http://0.0.0.0:7080/', worker: 'http://127.0.0.1:7082' },
    redis: 'redis.example:6379, yours (REDIS_URL)',
    postgresUrl: 'postgres://postgres@127.0.0.1:7083/postgres',
    dataDir: './data',
    relayFile: undefined,
    app: { sdkAppId: 1400000000, signed: false }
  }
  t.match(greeting(relay, 1), /^ {2}npx baton send Group\.CallbackAfterCreateTopic$/m)
  t.match(greeting({ ...relay, urls: { ...relay.urls, ingress: "http://127.0.0.1:80/it's" }, relayFile: 'my relay.yaml' }, 1), "BATON_CONFIG='my relay.yaml' npx baton send Group.CallbackAfterCreateTopic --to 'http://127.0.0.1/it'\\''s'\n")
  t.match(greeting({ ...relay, urls: { ...relay.urls, ingress: 'http://[::]:7080/' } }, 1), 'http://[::1]:7080/')
  t.match(greeting(relay, 1), "psql 'postgres://postgres@127.0.0.1:7083/postgres?sslmode=disable&gssencmode=disable' -c")
  t.notMatch(greeting({ ...relay, app: { sdkAppId: 1, signed: true } }, 1), /curl/)
  for (const text of ["it's", 'a b', '$HOME "x" \\ `y`', '', 'plain']) {
    t.equal((await run('sh', ['-c', `printf %s ${shellQuoted(text)}`])).stdout, text)
  }
})

t.test('baton up', async t => {
  const baton = fileURLToPath(new URL('../bin/baton.js', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'baton-'))
  const environment = { PORT: '0', WORKER_PORT: '0', EMBEDDED_PG_PORT: '0', BATON_NO_INSTALL: '1', LOG_LEVEL: 'error', BATON_DATA_DIR: './data', BATON_CONFIG: '', REDIS_URL: '', HOST: '', INGRESS_PATH: '' }
  const up = (more: Record<string, string> = {}) => observed(t, [baton, 'up'], { cwd: folder, environment: { ...environment, ...more } })
  const ready = /Baton is ready[^]*psql [^\n]+/
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })

  await t.test('runs a relay whose printed lines work, ends on SIGINT with code 0, and is found again after kill -9', async t => {
    const ports = { PORT: String(await freePort()), WORKER_PORT: String(await freePort()), EMBEDDED_PG_PORT: String(await freePort()) }
    const first = up(ports)
    await first.says(ready)
    const [curl = ''] = await first.says(/curl .*/)
    t.match(JSON.parse((await run('sh', ['-c', curl])).stdout), { ErrorCode: 0 })
    const [, redisPort, redis] = await first.says(/127\.0\.0\.1:(\d+), Baton's own \(started; process (\d+)/)

    const other = up()
    t.equal(await other.ended(), 1)
    t.match(other.output(), /BATON_DATA_DIR.*DATA_DIR_IN_USE/)

    first.kill('SIGKILL')
    const second = up(ports) // while what the first one started has not ended yet
    t.equal(await first.ended(), 'SIGKILL')
    await second.says(ready)
    await second.says(new RegExp(`Baton's own \\(was running; process ${redis}`))
    second.kill('SIGINT')
    t.equal(await second.ended(), 0)
    const [error] = await once(connect(Number(redisPort), '127.0.0.1').on('error', () => {}), 'error')
    t.match(error, { code: 'ECONNREFUSED' }, 'Redis is gone')
  })

  await t.test('runs the embedded PostgreSQL where a variable asks for it', async t => {
    writeFileSync(join(folder, 'variable.yaml'), 'apps:\n  - sdkAppId: 1400000000\ntargets:\n  local:\n    type: postgres\n    url: "${WAREHOUSE}"\n')
    const relay = up({ BATON_CONFIG: 'variable.yaml', WAREHOUSE: 'embedded' })
    await relay.says(ready)
    relay.kill('SIGTERM')
    t.equal(await relay.ended(), 0)
  })

  await t.test('fails with code 1 and the setting to change', async t => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    t.teardown(() => { taken.close() })
    const address = taken.address()
    const port = String(typeof address === 'object' ? address?.port : undefined)
    writeFileSync(join(folder, 'webhook.yaml'), 'apps:\n  - sdkAppId: 1400000000\ntargets:\n  crm:\n    type: webhook\n    url: https://crm.example.com/\n')
    writeFileSync(join(folder, 'wrong.yaml'), 'apps:\n  - sdkAppId: none\ntargets:\n  crm:\n    type: pigeon\n')
    for (const [more, message] of [
      [{ PORT: port }, new RegExp(`^[^\\n]*\\(PORT_IN_USE\\)\\n {2}- PORT = ${port} is in use\\n$`)],
      [{ WORKER_PORT: port }, new RegExp(`^[^\\n]*\\(PORT_IN_USE\\)\\n {2}- WORKER_PORT = ${port} is in use\\n$`)],
      [{ EMBEDDED_PG_PORT: port, BATON_CONFIG: '' }, new RegExp(`^[^\\n]*\\(PORT_IN_USE\\)\\n {2}- EMBEDDED_PG_PORT = ${port} is in use\\n$`)],
      [{ PORT: port, WORKER_PORT: port }, /WORKER_PORT = \d+ is PORT, too[^]*SETTINGS_INVALID|SETTINGS_INVALID[^]*WORKER_PORT = \d+ is PORT, too/],
      [{ PORT: 'x' }, /PORT = "x" does not fit/],
      [{ BATON_DATA_DIR: 'webhook.yaml' }, /BATON_DATA_DIR.*DATA_DIR_UNWRITABLE/],
      [{ BATON_CONFIG: 'none.yaml' }, /BATON_CONFIG.*RELAY_FILE_MISSING/],
      [{ BATON_CONFIG: 'wrong.yaml' }, /wrong\.yaml:2:[^]*wrong\.yaml:5:[^]*RELAY_FILE_INVALID|RELAY_FILE_INVALID[^]*wrong\.yaml:2:[^]*wrong\.yaml:5:/],
      [{ PATH: '/nowhere' }, /No Redis found[^]*REDIS_NOT_FOUND/]
    ] as const) {
      const failed = up({ BATON_CONFIG: 'webhook.yaml', ...more })
      t.equal(await failed.ended(), 1, JSON.stringify(more))
      t.match(failed.output(), message)
      t.notMatch(failed.output(), /Baton is ready/)
    }
  })
})
