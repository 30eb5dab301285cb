import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { doctor, type DoctorOptions } from '@baton/operations'
import { certificate, freePort } from '@baton/testing'

// The doctor before the ingress itself, and before all that may stand in between. What it says where there is no Baton is tested in packages/operations.

const bin = fileURLToPath(new URL('../bin/baton.js', import.meta.url))

interface Ingress {
  url: string
  env: NodeJS.ProcessEnv
  folder: string
}

/** An ingress of its own, whose Redis is away for good: nothing that is forwarded gets anywhere. */
async function ingress (t: Test, app = '{ sdkAppId: 1400000000, tokens: [march, april] }', set: NodeJS.ProcessEnv = {}): Promise<Ingress> {
  const folder = t.testdir({})
  writeFileSync(join(folder, 'baton.yaml'), `apps: [${app}]\ntargets: { memory: { type: memory } }\n`)
  const env = { PATH: process.env['PATH'], LOG_LEVEL: 'silent', PORT: '0', INGRESS_PATH: '/callbacks', REDIS_URL: `redis://127.0.0.1:${await freePort()}`, ...set }
  const child = spawn(process.execPath, ['--enable-source-maps', bin, 'ingress'], { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await exited
  })
  const [message] = await once(child, 'message')
  const url = new URL(String(message.urls.ingress))
  return { url: `http://127.0.0.1:${url.port}/callbacks`, env: { ...env, PORT: url.port }, folder }
}

async function baton ({ env, folder }: Ingress, ...args: string[]): Promise<{ code: number | null, stdout: string, stderr: string }> {
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => { output.stdout += String(chunk) })
  child.stderr.on('data', (chunk: Buffer) => { output.stderr += String(chunk) })
  const [code] = await once(child, 'close')
  return { code, ...output }
}

interface Passing {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
}

interface Returning {
  status: number
  headers: OutgoingHttpHeaders
  body: Buffer
}

interface Meddling {
  /** What the proxy makes of a request; a number, and it answers itself with this status. */
  there?: (passing: Passing) => Partial<Passing> | number
  /** Whether it answers 413 to a body of so many bytes, before it has read any. */
  refuses?: (bytes: number) => boolean
  /** What it makes of an answer. */
  back?: (returning: Returning) => Partial<Returning>
  /** ms that it takes. */
  delay?: (passing: Passing & { isFirst: boolean }) => number
  tls?: { cert: string, key: string }
}

/** A proxy in front of an ingress; its URL. */
async function proxy (t: Test, to: string, { there = () => ({}), refuses = () => false, back = () => ({}), delay = () => 0, tls }: Meddling = {}): Promise<string> {
  const sockets = new WeakSet()
  const listener: RequestListener = (incoming, outgoing) => {
    const chunks: Buffer[] = []
    const isFirst = !sockets.has(incoming.socket)
    sockets.add(incoming.socket)
    if (refuses(Number(incoming.headers['content-length']))) return void outgoing.writeHead(413, { server: 'nginx', connection: 'close' }).end('<h1>too large</h1>')
    incoming.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    const pass = async () => {
      const arrived = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(chunks) }
      const meddled = there(arrived)
      await pause(delay({ ...arrived, isFirst }))
      if (typeof meddled === 'number') return outgoing.writeHead(meddled, { server: 'nginx', 'content-type': 'text/html' }).end('<h1>no</h1>')
      const { method, path, headers, body } = { ...arrived, ...meddled }
      const { host, port } = new URL(to)
      const forwarded = request({ host: host.split(':')[0], port, method, path, headers: { ...headers, 'content-length': body.length } })
      forwarded.end(body)
      const [response]: IncomingMessage[] = await once(forwarded, 'response')
      if (response === undefined) throw new Error('a response without a response')
      const answer = { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(await response.toArray()) }
      const changed = { ...answer, ...back(answer) }
      outgoing.writeHead(changed.status, changed.headers).end(changed.body)
    }
    incoming.on('end', () => { pass().catch(error => { outgoing.destroy(error) }) })
  }
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks`
}

/** A name that stands for this machine, as if that were a public one. */
const inPublic = { here: async () => ['127.0.0.1'], servers: async () => ['127.0.0.1'] }
const publicly = (url: string) => url.replace('127.0.0.1', 'chat.example.com')

/** All that is not well, by check; and what was not checked. How long things take is left out unless it is much too long: this machine may be busy. */
async function ailments (url: string, options: Partial<DoctorOptions> = {}) {
  const { checks, unchecked, healthy } = await doctor({ appId: 1400000000, tokens: ['april'], resolver: inPublic, ...options, url })
  const ailing = checks.filter(({ name, status }) => status === 'fail' || (status === 'warn' && name !== 'latency'))
  return { unchecked: unchecked.join(' '), healthy, ...Object.fromEntries(ailing.map(({ name, ...check }) => [name, check])) }
}

const well = { unchecked: '', healthy: true }
const query = (passing: Passing, change: (query: string) => string) => {
  const [path = '', before = ''] = passing.path.split('?')
  return { path: `${path}?${change(before)}` }
}

/** The one that most tests look at; nothing that they do leaves anything in it. */
const relay = await ingress(t)
const { url } = relay

t.test('the ingress itself is well; its probes leave nothing behind but their count', async t => {
  const { code, stdout, stderr } = await baton(relay, 'doctor')
  t.equal(code, 0)
  t.equal(stderr, '')
  for (const name of ['url', 'dns', 'connection', 'certificate', 'answer', 'redirect', 'baton', 'method', 'query', 'app', 'signature', 'body', 'keep-alive', 'clock', 'address']) t.match(stdout, new RegExp(`^ok {4}${name} `, 'm'))
  t.match(stdout, /^(ok {2}|warn) {2}latency /m) // this machine may be busy
  t.match(stdout, /all 2 tokens are accepted/)
  t.match(stdout, /^Nothing is wrong here, but Tencent cannot reach this address\.$/m)
  t.match(stdout, `cloudflared tunnel --url http://127.0.0.1:${relay.env['PORT']}\n`)
  t.match(stdout, /1\. Open the Chat console, application 1400000000/)
  t.notMatch(stdout, /march|april/, 'no token is shown')

  const text = await (await fetch(new URL('/metrics', relay.url))).text()
  t.match(text, /^baton_probes_total\{code="0"\} [1-9]/m)
  t.match(text, /^baton_probes_total\{code="40102"\} [1-9]/m)
  t.match(text, 'baton_journal_events 0\n')
  t.notMatch(text, /^baton_(callbacks_accepted|callbacks_refused|callbacks_drift|quarantine|quarantine_lost)_total(\{.*\})? [1-9]/m)
})

t.test('behind a proxy that drops the query, the doctor names the fault', async t => {
  const proxied = await proxy(t, relay.url, { there: passing => query(passing, () => '') })
  const { code, stdout } = await baton(relay, 'doctor', proxied)
  t.equal(code, 1)
  t.match(stdout, /^FAIL {2}query +the query does not arrive: [^]*-> Something in front drops it.*\$is_args\$args/m)
  t.match(stdout, /^Callbacks do not arrive as they should: query\.\nNot checked: app, signature, body, latency, keep-alive, clock, address\.$/m)
  const json = await baton(relay, 'doctor', proxied, '--json')
  t.equal(json.code, 1)
  const { url, app, healthy, local, unchecked } = JSON.parse(json.stdout)
  t.same({ url, app, healthy, local, unchecked }, { url: proxied, app: 1400000000, healthy: false, local: true, unchecked: ['app', 'signature', 'body', 'latency', 'keep-alive', 'clock', 'address'] })
})

t.test('what was done to the query is told', async t => {
  const through = async (change: (query: string) => string) => await ailments(await proxy(t, url, { there: passing => query(passing, change) }))
  t.same(await through(query => query), well)
  const pairs = (query: string) => [...new URLSearchParams(query)]
  t.same(await through(query => new URLSearchParams(query).toString()), well, 'written otherwise, it is the same')
  t.match(await through(query => query.toLowerCase()), { query: { status: 'fail', found: /does not arrive/ } })
  t.match(await through(query => query.replace(/&Sign=.*$/, '')), { query: { status: 'fail', found: /SdkAppid arrives, but not Sign and RequestTime/ } })
  t.match(await through(query => query.replace('contenttype', 'ContentType')), { query: { status: 'fail', found: 'contenttype arrives as ContentType' } })
  t.match(await through(query => query.replace(/&RequestID=[^&]*/, '')), { query: { status: 'fail', found: 'dropped: RequestID' } })
  t.match(await through(query => query.replace(/&CallbackCommand=[^&]*/, '')), { query: { status: 'fail', found: 'dropped: CallbackCommand' } })
  t.match(await through(query => query.replace(/&Plus=[^&]*&Blank=[^&]*/, '')), { healthy: true, query: { status: 'warn', found: 'dropped: Plus, Blank' } })
  t.match(await through(query => `${query}&ClientIP=127.0.0.1`), { query: { status: 'fail', found: 'ClientIP arrives 2 times' } })
  t.match(await through(query => `key=1&${query}`), { healthy: true, query: { status: 'warn', found: 'added on the way: key' } })
  t.match(await through(query => query.replaceAll('%2B', '+')), { query: { status: 'fail', found: /Plus has its \+ taken for blanks/ } })
  t.match(await through(query => query.replaceAll('%', '%25')), { query: { status: 'fail', found: /Hash is encoded once more/ } })
  t.match(await through(query => query.replaceAll('%25', '%')), { query: { status: 'fail', found: /EncodedTwice is decoded once too often/ } })
  t.match(await through(query => query.replaceAll(/%23[^&]*/g, '')), { query: { status: 'fail', found: /Hash is cut off|Hash arrives changed/ } })
  t.match(await through(query => pairs(query).map(([name, value]) => `${name}=${encodeURIComponent(name === 'MixedCase' ? value.toLowerCase() : value)}`).join('&')), { query: { status: 'fail', found: 'MixedCase is turned into lower case' } })
  t.match(await ailments(await proxy(t, url, { there: ({ path }) => path.includes('%23') ? 403 : {} })), { query: { status: 'fail', found: /odd but legal parameters does not get through: HTTP 403/, next: /firewall/ } })
})

t.test('what was done to method and body is told', async t => {
  const through = async (there: Meddling['there']) => await ailments(await proxy(t, url, there && { there }))
  t.match(await through(() => ({ method: 'GET', body: Buffer.alloc(0) })), { method: { status: 'fail', found: /not arrive as a POST/ }, unchecked: /^query app / })
  t.match(await ailments(await proxy(t, url, { refuses: bytes => bytes > 65_536 })), { body: { status: 'fail', found: /^a body of 1 MiB does not arrive whole, one of 64 KiB does: (HTTP 413|the connection ends)/, next: /client_max_body_size/ }, unchecked: /^$/ })
  t.match(await through(({ body }) => ({ body: body.subarray(0, 300_000) })), { body: { status: 'fail', found: /one of 256 KiB does: 300000 of 524288 bytes arrive/ } })
  t.match(await through(() => ({ body: Buffer.alloc(0) })), { body: { status: 'fail', found: /the body is dropped.*less than 16 KiB/ } })
  t.match(await through(({ body }) => ({ body: Buffer.from(JSON.stringify(JSON.parse(String(body)))) })), { body: { status: 'fail', found: /parsed and written anew, which damages large numbers$/ } })
  t.match(await through(({ body }) => ({ body: Buffer.from(`json=${String(body)}`) })), { body: { status: 'fail', found: /the body is changed: 1\d\d bytes become 1\d\d/ } })
})

t.test('a path, a status, a compression that do not fit are told', async t => {
  t.match(await ailments(new URL('/elsewhere', url).href), { baton: { status: 'fail', found: /not at the path \/elsewhere/, next: /INGRESS_PATH/ } })
  t.match(await ailments(await proxy(t, url, { back: () => ({ status: 202 }) })), { baton: { status: 'fail', found: /HTTP 200, and 202 arrived/ } })
  t.match(await ailments(await proxy(t, url, { back: ({ headers }) => ({ headers: { ...headers, 'content-encoding': 'identity' } }) })), { healthy: true, baton: { status: 'warn', found: /compressed/ } })
  t.match(await ailments(await proxy(t, url, { back: ({ headers: { 'baton-probe': _, ...headers } }) => ({ headers }) })), { healthy: true, baton: { status: 'warn', found: /does not say how the probe arrived/, next: /baton-probe/ }, unchecked: /^query address$/ })
})

t.test('tokens and apps that do not fit are told', async t => {
  t.match(await ailments(url, { tokens: ['other'] }), { signature: { status: 'fail', found: /the token is refused \(HTTP 401, ErrorCode 40102/, next: /Compare the token/ }, unchecked: /^query body latency keep-alive clock address$/ })
  t.match(await ailments(url, { tokens: ['april', 'other'] }), { signature: { status: 'fail', found: /^token 2 of 2 is refused/ }, unchecked: /^$/ })
  t.match(await ailments(url, { tokens: [] }), { signature: { status: 'fail', found: /wants signatures/, next: /--token/ } })
  t.match(await ailments(url, { appId: 1400000001 }), { app: { status: 'fail', found: 'the ingress has no app 1400000001', next: /--app/ } })
  t.match(await baton(relay, 'doctor', '--app', '1400000000', '--token', 'march'), { code: 0, stdout: /the token is accepted/ })
  t.match(await baton(relay, 'doctor', '--app', '1400000009'), { code: 1, stdout: /FAIL {2}app +the ingress has no app 1400000009/ })
  t.match(await baton(relay, 'doctor', `http://127.0.0.1:${await freePort()}/`, '--tunnel'), { code: 1, stdout: new RegExp(`ngrok http ${relay.env['PORT']}\n`) })

  const open = await ingress(t, '{ sdkAppId: 1400000000 }')
  t.match(await ailments(open.url, { tokens: [] }), { healthy: true, signature: { status: 'warn', found: /anybody who knows the URL/ }, unchecked: /^address$/ })
  t.match(await ailments(open.url, { tokens: ['april'] }), { healthy: false, signature: { status: 'fail', found: /without a signature: HTTP 200/, next: /restart/ } })
})

t.test('an ingress that can keep nothing is told', async t => {
  const full = await ingress(t, undefined, { JOURNAL_MINIMUM_FREE: '999TiB' })
  t.match(await ailments(full.url), { baton: { status: 'fail', found: /can keep no events/, next: /readyz/ } })
})

t.test('what is slow is told, and too slow is a failure', async t => {
  const latency = async (first: number) => {
    const slow = await proxy(t, url, { delay: ({ isFirst }) => isFirst ? first : 0 })
    const { checks, healthy } = await doctor({ appId: 1400000000, tokens: ['april'], url: slow })
    return { ...checks.find(({ name }) => name === 'latency'), healthy }
  }
  t.match(await latency(600), { healthy: true, status: 'warn', found: /over new ones: Tencent waits 2 s$/ })
  t.match(await latency(2_050), { healthy: false, status: 'fail', found: /2\d\d\d ms .* the callback is lost/ })
})

t.test('connections that serve but once are told', async t => {
  t.match(await ailments(await proxy(t, url, { back: ({ headers }) => ({ headers: { ...headers, connection: 'close' } }) })), { healthy: true, 'keep-alive': { status: 'warn', found: /Connection: close/ } })
})

t.test('a clock that is wrong is told, in either direction, and the rest is checked all the same', async t => {
  const off = (seconds: number) => ({ now: () => Date.now() - seconds * 1_000 })
  t.same(await ailments(url, off(0)), well)
  t.same(await ailments(url, off(5)), well)
  t.match(await ailments(url, off(60)), { healthy: true, unchecked: /^$/, clock: { status: 'warn', found: /the clock of the ingress is (59|60)\.\d s ahead of the one here/ } })
  t.match(await ailments(url, off(-60)), { healthy: true, unchecked: /^$/, clock: { status: 'warn', found: /is (59|60)\.\d s behind the one here/ } })
  t.match(await ailments(url, off(900)), { healthy: false, unchecked: /^$/, clock: { status: 'fail', found: /(899|900)\.\d s ahead/, next: /more than 300 s off/ } })
  t.match(await ailments(url, off(-900)), { healthy: false, unchecked: /^$/, clock: { status: 'fail', found: /(899|900)\.\d s behind/ } })
})

t.test('behind a public name it is told whose address Baton sees, and who could be anybody', async t => {
  t.match(await ailments(publicly(url)), { address: { status: 'warn', found: /127\.0\.0\.1 \(this machine\): its proxy/, next: /TRUST_PROXY/ } })
  const trusting = await ingress(t, undefined, { TRUST_PROXY: '127.0.0.1' })
  t.match(await ailments(publicly(trusting.url)), { address: { status: 'fail', found: /believes anybody/ } })
  const overwriting = await proxy(t, trusting.url, { there: ({ headers }) => ({ headers: { ...headers, 'x-forwarded-for': '8.8.8.8' } }) })
  t.same(Object.keys(await ailments(publicly(overwriting))), ['unchecked', 'healthy', 'url', 'dns'], 'http, and a name that leads to this machine')

  // With TLS all is well, but for the name.
  const authority = certificate({ name: 'An Authority' })
  const tls = certificate({ hosts: ['chat.example.com'], issuer: authority })
  const there: Meddling['there'] = ({ headers }) => ({ headers: { ...headers, 'x-forwarded-for': '8.8.8.8' } })
  const found = await ailments(publicly(await proxy(t, trusting.url, { tls, there })), { roots: [authority.cert] })
  t.match(found, { unchecked: /^$/, dns: { status: 'fail', found: /127\.0\.0\.1 \(this machine\)/ } })
  t.same(Object.keys(found), ['unchecked', 'healthy', 'dns'])

  const allowing = await ingress(t, '{ sdkAppId: 1400000000, tokens: [april], allow: [8.8.8.8] }')
  t.match(await ailments(allowing.url), { app: { status: 'fail', found: /does not take callbacks of this app from the address/, next: /allow in the relay file/ } })
})
