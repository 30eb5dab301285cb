import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { redisServer } from '@baton/testing'
import t, { type Test } from 'tap'
import { lockDataDir } from '../src/data-dir-lock.ts'
import { startEmbeddedPostgres } from '../src/embedded-postgres/start-embedded-postgres.ts'
import { findExecutable } from '../src/find-executable.ts'
import { findManagedRedisUrl } from '../src/managed-redis/find-managed-redis-url.ts'
import { startManagedRedis } from '../src/managed-redis/start-managed-redis.ts'
import { talkToRedis } from '../src/managed-redis/talk-to-redis.ts'

const runtime = import.meta.resolve('@baton/runtime')
const run = promisify(execFile)

/** A folder of the test's own, with a path that is short enough for a socket in it, as those of tap are not. */
function shortFolder (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

/** Starts the managed Redis of a data dir; it ends with the test. */
async function managedRedisIn (t: Test, dataDir: string) {
  const redis = await startManagedRedis({ dataDir, noInstall: true, announce: line => t.comment(line) })
  t.teardown(async () => await redis.stop())
  return redis
}

async function asked (url: string, ...commands: string[]): Promise<string[]> {
  const { port, password } = new URL(url)
  const redis = await talkToRedis(Number(port))
  const replies: string[] = []
  for (const command of [`AUTH ${password}`, ...commands]) replies.push(await redis.ask(command))
  redis.end()
  return replies.slice(1)
}

/** Another process, which runs this code with our exports at hand and says one line; the test kills it. */
async function otherProcess (t: Test, code: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `import * as runtime from ${JSON.stringify(runtime)}\n${code}\nsetInterval(() => {}, 60_000)`], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => { throw new Error('the other process ended; see above') })])
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { said: String(said).trim(), kill }
}

const startRedisIn = (dataDir: string) =>
  `const { url } = await runtime.startManagedRedis({ dataDir: ${JSON.stringify(dataDir)}, noInstall: true, announce: console.error }); console.log(url)`

t.test('a managed Redis outlives kill -9 of its parent, and the next start finds it with its data', async t => {
  const dataDir = join(t.testdir(), 'a folder with "blanks"')
  const parent = await otherProcess(t, startRedisIn(dataDir))
  await asked(parent.said, 'SET kept yes')
  await parent.kill()

  const redis = await managedRedisIn(t, dataDir)

  t.equal(redis.reused, true)
  t.equal(redis.url, parent.said)
  t.same(await asked(redis.url, 'GET kept'), ['yes'])
  t.equal(await findManagedRedisUrl(dataDir), redis.url)
})

t.test('a managed Redis keeps what a queue needs kept, to itself', async t => {
  const dataDir = t.testdir()
  const redis = await managedRedisIn(t, dataDir)

  const [memory, persistence] = await asked(redis.url, 'INFO memory', 'INFO persistence')
  t.match(memory, 'maxmemory_policy:noeviction')
  t.match(persistence, 'aof_enabled:1')
  const stranger = await talkToRedis(redis.port)
  await t.rejects(stranger.ask('GET kept'), { message: /^NOAUTH/ })
  stranger.end()
  for (const file of ['redis.conf', 'instance.json', 'redis.log']) t.equal(statSync(join(dataDir, 'redis', file)).mode & 0o077, 0, `${file} is private`)
})

t.test('stopped or killed, a managed Redis comes back on its port with its data', async t => {
  const dataDir = t.testdir()
  const first = await managedRedisIn(t, dataDir)
  await asked(first.url, 'SET kept yes')
  await first.stop()
  await t.rejects(findManagedRedisUrl(dataDir), { code: 'REDIS_NOT_FOUND', message: /npm start.*REDIS_URL/ })

  const second = await managedRedisIn(t, dataDir)
  t.equal(second.reused, false)
  t.equal(second.url, first.url)
  const [info = ''] = await asked(second.url, 'INFO server')
  process.kill(Number(/process_id:(\d+)/.exec(info)?.[1]), 'SIGKILL')
  await second.exited

  const third = await managedRedisIn(t, dataDir)
  t.equal(third.url, first.url)
  t.same(await asked(third.url, 'GET kept'), ['yes'])
})

t.test('no foreign Redis is adopted', async t => {
  await t.test('one on the recorded port', async t => {
    const foreign = await redisServer(t)
    const dataDir = t.testdir({ redis: { 'instance.json': JSON.stringify({ port: Number(new URL(foreign.url).port), password: 'x'.repeat(64), host: 'process' }) } })

    const redis = await managedRedisIn(t, dataDir)

    t.equal(redis.reused, false)
    t.not(redis.port, Number(new URL(foreign.url).port))
    t.equal(await (await talkToRedis(Number(new URL(foreign.url).port))).ask('PING'), 'PONG', 'it still runs')
  })

  await t.test("the original's, in a copied data dir", async t => {
    const dataDir = t.testdir({ original: {}, copy: { redis: {} } })
    const original = await managedRedisIn(t, join(dataDir, 'original'))
    copyFileSync(join(dataDir, 'original/redis/instance.json'), join(dataDir, 'copy/redis/instance.json'))

    const copy = await managedRedisIn(t, join(dataDir, 'copy'))

    t.equal(copy.reused, false)
    t.not(copy.port, original.port)
  })
})

t.test('without Redis, docker and an installer, the message says what was looked for and what to do', async t => {
  const code = `import { startManagedRedis } from ${JSON.stringify(runtime)}
    await startManagedRedis({ dataDir: 'data', noInstall: true, announce: console.error }).catch(error => { console.log(error.toText()) })`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: t.testdir(), env: { PATH: '/nowhere' } })
  t.match(stdout, /^No Redis found\. Looked for: REDIS_URL \(not set\); redis-server, valkey-server \(not on PATH\); docker \(not on PATH\); installing \(BATON_NO_INSTALL=1\)\. .*\(REDIS_NOT_FOUND\)$/m)
  for (const way of ['apt-get install -y redis-server', 'brew install redis', 'start Docker', 'REDIS_URL=redis://']) t.match(stdout, way)
})

t.test('install-servers', async t => {
  const bin = fileURLToPath(new URL('../bin/install-servers.js', import.meta.url))
  const installServers = async (environment: NodeJS.ProcessEnv) =>
    await run(process.execPath, [bin], { env: environment }).then(output => ({ code: 0, ...output }), (error: { code: number, stdout: string, stderr: string }) => error)

  await t.test('says nothing where everything is there', async t => {
    const redis = findExecutable(['redis-server', 'valkey-server'])
    const folder = t.testdir()
    for (const name of ['redis-server', 'postgres', 'initdb']) symlinkSync(redis ?? '', join(folder, name))
    t.match(await installServers({ PATH: folder }), { code: 0, stdout: '', stderr: '' })
  })

  await t.test('fails with the message where Redis cannot be had', async t => {
    t.match(await installServers({ PATH: '/nowhere', BATON_NO_INSTALL: '1' }), { code: 1, stderr: /No Redis found[^]*apt-get install -y redis-server/ })
    t.match(await installServers({ PATH: '/nowhere' }), { code: 1, stderr: /apt-get, brew \(not on PATH\)/ })
  })

  await t.test('announces what it installs, and has apt-get start no service', async t => {
    const folder = t.testdir({
      sudo: '#!/bin/sh\nshift\nexec "$@"\n',
      'apt-get': '#!/bin/sh\necho "$RUNLEVEL $DEBIAN_FRONTEND $*" >> "$0.log"\nif [ "$1" = install ]; then for name in redis-server postgres initdb; do ln -sf "$0" "$(dirname "$0")/$name"; done; fi\n'
    })
    for (const name of ['dirname', 'env', 'ln', 'true']) symlinkSync(findExecutable([name]) ?? '', join(folder, name))
    for (const name of ['sudo', 'apt-get']) await run('chmod', ['+x', join(folder, name)])

    const { code, stderr } = await installServers({ PATH: folder })

    t.equal(code, 0)
    t.match(stderr, /Redis is missing[^]*apt-get update\n[^]*apt-get install -y --no-install-recommends redis-server/)
    t.match(readFileSync(join(folder, 'apt-get.log'), 'utf8'), '1 noninteractive update\n1 noninteractive install -y --no-install-recommends redis-server\n')
  })
})

t.test('one process holds a data dir', async t => {
  const lockIn = (dataDir: string) => `await runtime.lockDataDir(${JSON.stringify(dataDir)}); console.log('locked')`

  await t.test('a second one is refused, until the first is gone, even by kill -9', async t => {
    const dataDir = shortFolder(t)
    const first = await otherProcess(t, lockIn(dataDir))
    await t.rejects(lockDataDir(dataDir), { code: 'DATA_DIR_IN_USE', message: /BATON_DATA_DIR/ })
    await first.kill()
    const lock = await lockDataDir(dataDir)
    await t.rejects(lockDataDir(dataDir), { code: 'DATA_DIR_IN_USE' })
    await lock.release()
    await (await lockDataDir(dataDir)).release()
  })

  await t.test('of several that find a stale lock at once, one gets it', async t => {
    const dataDir = shortFolder(t)
    await (await otherProcess(t, lockIn(dataDir))).kill()
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, async () => await lockDataDir(dataDir)))
    const got = outcomes.flatMap(outcome => outcome.status === 'fulfilled' ? [outcome.value] : [])
    t.equal(got.length, 1)
    await Promise.all(got.map(async lock => await lock.release()))
  })

  await t.test('where it cannot be made, the message names the setting', async t => {
    const folder = t.testdir({ file: '' })
    for (const dataDir of [join(folder, 'file'), join(folder, 'file/below'), join(folder, 'deep'.repeat(40))]) {
      await t.rejects(lockDataDir(dataDir), { code: 'DATA_DIR_UNWRITABLE', message: /BATON_DATA_DIR/ })
    }
  })
})

t.test('the embedded PostgreSQL', async t => {
  const dataDir = shortFolder(t)
  // What a first start leaves that was stopped halfway.
  mkdirSync(join(dataDir, 'postgres.making'))
  writeFileSync(join(dataDir, 'postgres.making/PG_VERSION'), '17')
  const start = async () => {
    const postgres = await startEmbeddedPostgres({ dataDir, port: 0 })
    t.teardown(async () => await postgres.stop())
    return postgres
  }

  await t.test('keeps its data over a stop and a kill -9', async t => {
    const first = await start()
    await queried(first.port, 'CREATE TABLE kept (word text)', "INSERT INTO kept VALUES ('one')")
    await first.stop()
    const second = await start()
    await queried(second.port, "INSERT INTO kept VALUES ('two')")
    process.kill(second.pid ?? 0, 'SIGKILL')
    t.equal(await second.exited, 'SIGKILL')
    const third = await start()
    t.same(await queried(third.port, 'SELECT word FROM kept ORDER BY 1'), ['one', 'two'])
    await third.stop()
  })

  await t.test('ends with its parent, and the next start takes over', async t => {
    const parent = await otherProcess(t, `const { url } = await runtime.startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, port: 0 }); console.log(url)`)
    const { port } = new URL(parent.said)
    await queried(Number(port), "INSERT INTO kept VALUES ('zebra')")
    await parent.kill()
    const next = await start()
    t.same(await queried(next.port, "SELECT word FROM kept WHERE word = 'zebra'"), ['zebra'])
    await next.stop()
    await t.rejects(queried(Number(port), 'SELECT 1'), { code: 'ECONNREFUSED' })
  })

  await t.test('lets no client into the middle of what another one asks', async t => {
    const { port, stop } = await start()
    const [one, other] = [await pgClient(port), await pgClient(port)]
    // The unnamed statement of one is parsed; then the other's query would drop it, were it let in.
    one.send('P', "\0SELECT 'of one'\0", Buffer.alloc(2))
    one.send('H')
    await one.received()
    other.send('Q', "SELECT 'of the other'\0")
    await turnOf(port)
    one.send('B', '\0\0', Buffer.alloc(6))
    one.send('E', '\0', Buffer.alloc(4))
    one.send('S')
    t.same([await one.answer(), await other.answer()], [['of one'], ['of the other']])
    one.end()
    other.end()
    await stop()
  })

  await t.test('serves the others after a client that speaks nonsense', async t => {
    const { port, stop } = await start()
    const beforeStartup = connect(port, '127.0.0.1')
    beforeStartup.write(Buffer.from([0, 0, 0, 10, 0, 3, 0, 0, 120, 120]))
    await once(beforeStartup, 'data')
    const afterStartup = await pgClient(port)
    afterStartup.send('~', 'nonsense')
    await t.rejects(afterStartup.answer(), /FATAL/)
    t.same(await queried(port, 'SELECT 1'), ['1'])
    beforeStartup.destroy()
    afterStartup.end()
    await stop()
  })

  await t.test('says which setting to change when its port is taken', async t => {
    const foreign = await redisServer(t)
    await t.rejects(startEmbeddedPostgres({ dataDir, port: Number(new URL(foreign.url).port) }), { code: 'PORT_IN_USE', message: /EMBEDDED_PG_PORT/ })
  })
})

/** PostgreSQL's protocol, as far as it takes to see the first column of what comes back. */
async function pgClient (port: number) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let received = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => { received = Buffer.concat([received, chunk]); socket.emit('received') })
  const framed = (type: string, ...parts: (string | Buffer)[]) => {
    const body = Buffer.concat(parts.map(part => Buffer.from(part)))
    const length = Buffer.alloc(4)
    length.writeInt32BE(body.length + 4)
    return Buffer.concat([Buffer.from(type), length, body])
  }
  /** The first column of each row, up to "ready for query". */
  const answer = async (): Promise<string[]> => {
    const rows: string[] = []
    for (;;) {
      while (received.length < 5 || received.length < 1 + received.readInt32BE(1)) await once(socket, 'received')
      const type = received.toString('latin1', 0, 1)
      const body = received.subarray(5, 1 + received.readInt32BE(1))
      received = received.subarray(1 + received.readInt32BE(1))
      if (type === 'D') rows.push(body.toString('utf8', 6, 6 + body.readInt32BE(2)))
      if (type === 'E') throw new Error(body.toString('utf8'))
      if (type === 'Z') return rows
    }
  }
  socket.write(framed('', Buffer.from([0, 3, 0, 0]), 'user\0postgres\0\0'))
  await answer()
  return { answer, received: async () => await once(socket, 'received'), send: (type: string, ...parts: (string | Buffer)[]) => socket.write(framed(type, ...parts)), end: () => socket.destroy() }
}

/** What was sent before this has reached the server by the end of it: a request for TLS, which is answered without a queue. */
async function turnOf (port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
  await once(socket, 'data')
  socket.destroy()
}

/** The first column of all rows. */
async function queried (port: number, ...statements: string[]): Promise<string[]> {
  const client = await pgClient(port)
  const rows: string[] = []
  for (const statement of statements) {
    client.send('Q', `${statement}\0`)
    rows.push(...await client.answer())
  }
  client.end()
  return rows
}
