import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { examples } from '@baton/contracts'
import { Queues, connectRedis, intakeQueue, untilReady } from '@baton/queue'
import { createLogger } from '@baton/runtime'
import { freePort, redisServer } from '@baton/testing'
import { connectionLimits } from '../src/connection-limits.ts'
import { listening } from './listening.ts'

const body = JSON.stringify(examples['Group.CallbackAfterCreateGroup'])
const query = '?SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateGroup&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI'

/** A folder for ingresses one after the other: their program, relay file and data. */
const site = (t: Test): string => t.testdir({
  'main.mjs': "import { runProcess } from '@baton/runtime'; import { startIngress } from '@baton/ingress'; await runProcess('ingress', startIngress)",
  'baton.yaml': 'apps: [{ sdkAppId: 1400000000 }]\ntargets: { memory: { type: memory } }\n'
})

/** An ingress in a process of its own; without REDIS_URL its Redis is away. */
async function ingress (t: Test, environment: Record<string, string> = {}, folder: string = site(t)) {
  const child = spawn(process.execPath, ['main.mjs'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: '0', REDIS_URL: `redis://127.0.0.1:${await freePort()}`, ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc']
  })
  t.teardown(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit').then(([code, signal]) => signal ?? code)
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    said += String(chunk)
    child.emit('said')
  })
  const [message] = await once(child, 'message')
  return {
    url: String(message.urls.ingress),
    exited,
    said: () => said,
    signal: (name: NodeJS.Signals) => child.kill(name),
    /** Asks it to stop, and resolves once it knows. */
    ask: async (name: NodeJS.Signals = 'SIGTERM') => {
      child.kill(name)
      while (!said.includes('"closing"')) await once(child, 'said')
    }
  }
}

interface Answer { status: number | undefined, connection: string | undefined, text: string }

/** Sends over connections that are kept for as long as the other side wants to. */
function client (t: Test, url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => { agent.destroy() })
  return {
    send: async (path = query, method = 'POST') => await new Promise<Answer>((resolve, reject) => {
      request(new URL(path, url), { method, agent }, response => {
        let text = ''
        response.setEncoding('utf8').on('data', chunk => { text += String(chunk) }).once('end', () => {
          resolve({ status: response.statusCode, connection: response.headers.connection, text })
        })
      }).once('error', reject).end(method === 'POST' ? body : undefined)
    })
  }
}

/** Clients that each send one callback after the other over one connection until they are told to part, from `distance` ms away. */
function sendingInARow (t: Test, url: string, { count, distance }: { count: number, distance: number }) {
  const answers = Array.from({ length: count }, (): Answer[] => [])
  const parted = Promise.all(answers.map(async own => {
    const { send } = client(t, url)
    do {
      await delay(distance)
      own.push(await send())
    } while (own.at(-1)?.connection !== 'close')
  }))
  return { answers, parted }
}

const kept = { status: 200, connection: 'keep-alive', text: /"ErrorCode":0/ }
const parted = { status: 200, connection: 'close', text: /"ErrorCode":0/ }

t.test('asked to stop it is not ready at once, and serves all for as long as STOP_DELAY says, parting with each', async t => {
  const { url, ask, exited } = await ingress(t, { STOP_DELAY: '2s' })
  const [busy, idle, probe] = [client(t, url), client(t, url), client(t, url)]
  t.match(await idle.send(), kept)
  t.match(await probe.send('/readyz', 'GET'), { status: 200 })
  const answers: Answer[] = []
  const sending = (async () => {
    while (answers.filter(({ connection }) => connection === 'close').length < 50) answers.push(await busy.send())
  })()
  while (answers.length < 5) t.match(await idle.send(), kept)
  const open = connect(Number(new URL(url).port), '127.0.0.1')
  await once(open, 'connect')

  await ask()
  t.match(await probe.send('/readyz', 'GET'), { status: 503, connection: 'close', text: 'this ingress is about to stop\n' })
  t.match(await probe.send('/livez', 'GET'), { status: 200, connection: 'close' })
  t.match(await idle.send(), parted, 'over a connection from before')
  t.match(await idle.send(), parted, 'over a new connection')
  t.match(await idle.send('/elsewhere'), { status: 404, connection: 'close' })
  open.write(`POST /${query} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  t.match(String(await once(open, 'data')), /^HTTP\/1\.1 200 [^]*Connection: close/, 'over a connection that had not been used yet')
  await sending
  const first = answers.findIndex(({ connection }) => connection === 'close')
  t.ok(first >= 5)
  t.match(answers, answers.map((_, at) => at < first ? kept : parted), 'whoever sends without a pause is acknowledged every time')

  t.equal(await exited, 0)
  await t.rejects(busy.send(), { code: 'ECONNREFUSED' })
})

t.test('without STOP_DELAY, clients that send in a row are acknowledged every time too, and told to part', async t => {
  const { url, ask, exited } = await ingress(t)
  const clients = sendingInARow(t, url, { count: 20, distance: 50 })
  while (clients.answers.some(({ length }) => length < 2)) await client(t, url).send()
  await ask()
  await clients.parted
  for (const own of clients.answers) t.match(own, own.map((_, at) => at < own.length - 1 ? kept : parted))
  t.equal(await exited, 0)
})

t.test('it ends with code 0 within its time, also with a client that holds back half of a body, and one that only connected', async t => {
  const { url, ask, exited } = await ingress(t)
  const [half, silent] = Array.from({ length: 2 }, () => connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {}))
  half?.write(`POST /${query} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"a"`)
  await once(silent ?? t, 'connect')
  t.match(await client(t, url).send(), kept)
  const began = performance.now()
  await ask()
  t.equal(await exited, 0)
  t.ok(performance.now() - began < 10_000)
})

t.test('metrics tell whether events get into Redis, since when not, and how full it is', async t => {
  const server = await redisServer(t, '--maxmemory', '1gb')
  const redis = connectRedis(server.url, 'operator', createLogger('test', 'silent'))
  t.teardown(() => { redis.disconnect() })
  await untilReady(redis, server.url, 5_000)
  const { url, ask, exited, said } = await ingress(t, { REDIS_URL: server.url })
  const { send } = client(t, url)
  const until = async (...found: RegExp[]) => { for (let text = ''; !found.every(line => line.test(text)); text = (await send('/metrics', 'GET')).text); }
  const [going, stopped] = [/^baton_forwarding_stopped_seconds 0$/m, /^baton_forwarding_stopped_seconds (1\.[5-9]|[2-9])/m]
  await until(going, /^baton_redis_used_bytes [1-9]/m, /^baton_redis_bound_bytes 805306368$/m)
  for (let nth = 0; nth < 3; nth++) t.match(await send(), kept)
  await until(/^baton_events_forwarded_total 3$/m, /^baton_jobs_forwarded_total [123]$/m)
  t.notMatch(said(), /FORWARDING_STOPPED/, 'that a connection is still being made is no alert')
  await redis.config('SET', 'min-replicas-to-write', '1')
  await until(stopped)
  await redis.config('SET', 'min-replicas-to-write', '0')
  await until(going)
  await server.stop()
  await until(stopped)
  await server.start()
  await until(going)
  await ask()
  t.equal(await exited, 0)
})

t.test('a second signal ends it at once, but not one that comes within a second of the first', async t => {
  const { ask, exited, signal } = await ingress(t, { STOP_DELAY: '5m' })
  const began = performance.now()
  await ask('SIGINT')
  const again = setInterval(() => { signal('SIGTERM') }, 100)
  t.teardown(() => { clearInterval(again) })
  t.equal(await exited, 1)
  t.ok(performance.now() - began > 1_000)
})

t.test('what was acknowledged before it stopped is in intake once, after the next start', async t => {
  const { url: REDIS_URL } = await redisServer(t)
  const folder = site(t)
  const redis = connectRedis(REDIS_URL, 'consumer', createLogger('test', 'silent'))
  const queues = new Queues(redis)
  t.teardown(async () => {
    await queues.close()
    redis.disconnect()
  })
  await untilReady(redis, REDIS_URL, 5_000)

  let acknowledged = 0
  for (let nth = 0; nth < 3; nth++) {
    const { url, ask, exited } = await ingress(t, { REDIS_URL }, folder)
    const clients = sendingInARow(t, url, { count: 20, distance: 0 })
    while (clients.answers.some(({ length }) => length < 3)) await client(t, url).send('/livez', 'GET')
    await ask()
    await clients.parted
    t.equal(await exited, 0)
    acknowledged += clients.answers.flat().filter(({ status }) => status === 200).length
  }
  const { url, ask, exited } = await ingress(t, { REDIS_URL }, folder)
  const inIntake = async () => (await queues.get(intakeQueue).getJobs('wait')).flatMap(({ data }) => data.events.map(({ journal, seq }) => `${journal}:${seq}`))
  const probe = client(t, url)
  while ((await inIntake()).length < acknowledged) await probe.send('/livez', 'GET')
  const positions = await inIntake()
  t.equal(positions.length, acknowledged)
  t.equal(new Set(positions).size, acknowledged)
  await ask()
  t.equal(await exited, 0)
})

/** An ingress in this process, which keeps an event when `append` says so. */
async function built (t: Test, { append = async () => {}, limits = {}, stopping = new AbortController().signal }: { append?: () => Promise<void>, limits?: Partial<typeof connectionLimits>, stopping?: AbortSignal } = {}) {
  const { app, url, metrics } = await listening(t, { append, stopping, limits: { ...connectionLimits, ...limits } })
  return { app, url, metrics, open: () => opened(t, url) }
}

/** A connection on which bytes are sent as they are. */
function opened (t: Test, url: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  t.teardown(() => { socket.destroy() })
  return socket
}

const head = `POST /${query} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`

/** All that comes until the other side is done. */
const answerTo = async (socket: Socket): Promise<string> => Buffer.concat(await Readable.from(socket).toArray()).toString()

t.test('what was in hand when it was asked to stop is acknowledged, and its client told to part', async t => {
  for (const how of ['leaving', 'closing']) {
    let keep = () => {}
    const kept = new Promise<void>(resolve => { keep = resolve })
    let began = () => {}
    const begun = new Promise<void>(resolve => { began = resolve })
    const stopping = new AbortController()
    const { app, open } = await built(t, { append: async () => { began(); await kept }, stopping: stopping.signal })
    const [whole, half] = [open(), open()]
    half.write(head + body.slice(0, 10))
    await once(app.server, 'request')
    whole.write(head + body)
    await begun
    stopping.abort()
    const closed = how === 'closing' ? app.close() : undefined
    if (closed !== undefined) while (app.server.listening) await turn()
    keep()
    t.match(await answerTo(whole), /^HTTP\/1\.1 200 [^]*Connection: close\r\n/i, how)
    half.write(body.slice(10))
    t.match(await answerTo(half), /^HTTP\/1\.1 200 [^]*Connection: close\r\n/i, how)
    await closed
  }
})

t.test('connections that the system made before the listener closed are served, however many', async t => {
  const { app, open } = await built(t)
  const waiting = Array.from({ length: 100 }, () => {
    const socket = open()
    socket.write(head + body)
    return answerTo(socket)
  })
  await new Promise<void>(resolve => { process.nextTick(resolve) }) // they are open now, but this process has not looked yet
  const closed = app.close()
  for (const answer of await Promise.all(waiting)) t.match(answer, /^HTTP\/1\.1 200 [^]*Connection: close\r\n/i)
  await closed
})

t.test('what the ingress grants its clients is what Node has been told', async t => {
  const { app: { server } } = await built(t)
  const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections } = server
  t.same({ headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections }, { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 72_000, timeout: 30_000, maxConnections: 4_096 })
})

/** Sends a byte now and then, for as long as the other side listens. */
function trickle (t: Test, socket: Socket, text: string): void {
  const bytes = text[Symbol.iterator]()
  const timer = setInterval(() => { socket.write(bytes.next().value ?? 'x') }, 10)
  socket.once('close', () => { clearInterval(timer) })
  t.teardown(() => { clearInterval(timer) })
}

t.test('clients that send too slowly get 408 and are let go, others are not touched', async t => {
  const { open, url, metrics } = await built(t, { limits: { headers: 200, request: 400, looks: 20 } })
  const [headers, wholeBody, nothing] = [open(), open(), open()]
  trickle(t, headers, head.slice(0, -2))
  wholeBody.write(head)
  trickle(t, wholeBody, ' ')
  for (const answer of await Promise.all([headers, wholeBody, nothing].map(answerTo))) {
    t.match(answer, /^HTTP\/1\.1 408 [^]*Connection: close\r\n[^]*"ErrorCode":40001/)
  }
  t.match(await client(t, url).send(), kept)
  t.match(await metrics.text(), 'baton_requests_malformed_total{status="408"} 3')
})

t.test('a connection that is not used any more is let go, and so is one whose answers nobody fetches', async t => {
  const { open } = await built(t, { limits: { idle: 100 } })
  const idle = open()
  idle.write(head + body)
  t.match(await answerTo(idle), /^HTTP\/1\.1 200 [^]*Connection: keep-alive\r\n/i)

  const { open: openBusy, app } = await built(t, { limits: { silence: 300 } })
  const deaf = openBusy().on('error', () => {})
  deaf.pause()
  const [socket] = await once(app.server, 'connection')
  const gone = new AbortController()
  socket.once('close', () => { gone.abort() })
  while (!gone.signal.aborted) {
    if (deaf.writableLength < 100_000) deaf.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000))
    await turn()
  }
  t.equal(deaf.bytesRead, 0)
})

t.test('beyond so many connections nobody is let in, until one has left', async t => {
  const { open, app, metrics } = await built(t, { limits: { connections: 2 } })
  const held = [open(), open()]
  for (const socket of held) {
    socket.write(head + body)
    t.match(String(await once(socket, 'data')), /^HTTP\/1\.1 200 /)
  }
  const refused = open().on('error', () => {})
  await Promise.all([once(app.server, 'drop'), once(refused, 'close')])
  t.equal(refused.bytesRead, 0)
  t.match(await metrics.text(), 'baton_connections_refused_total 1')
  const left = new Promise<void>(resolve => {
    const look = () => app.server.getConnections((_error, count) => { if (count < 2) resolve(); else setImmediate(look) })
    held[0]?.end()
    look()
  })
  await left
  const next = open()
  next.write(head + body)
  t.match(String(await once(next, 'data')), /^HTTP\/1\.1 200 /)
})
