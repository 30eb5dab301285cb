import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import tls, { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { Value } from '@sinclair/typebox/value'
import t, { type Test } from 'tap'
import { Envelope, examples, refusals, signatureOf } from '@baton/contracts'
import { createLogger, readTlsPair, trustedProxies, type AppsSettings } from '@baton/runtime'
import { certificate, freePort, type Issued } from '@baton/testing'
import { connectionLimits } from '../src/connection-limits.ts'
import { RenewedCertificate } from '../src/renewed-certificate.ts'
import { StrangeAddresses } from '../src/strange-addresses.ts'
import { listening, metricsWithout } from './listening.ts'

const day = 86_400_000
const command = 'Group.CallbackAfterCreateGroup'
const body = JSON.stringify(examples[command])
const query = (fields: Record<string, string> = {}) =>
  `?${new URLSearchParams({ SdkAppid: '1400000000', CallbackCommand: command, contenttype: 'json', ClientIP: '127.0.0.1', OptPlatform: 'RESTAPI', ...fields }).toString()}`

type App = AppsSettings[number]
const anApp = (more: Partial<App> = {}): App => ({ sdkAppId: 1400000000, freshness: 300_000, ...more })

interface Options {
  apps?: AppsSettings
  path?: string
  /** As TRUST_PROXY says it. */
  trust?: string
  certificate?: RenewedCertificate
  limits?: Partial<typeof connectionLimits>
  host?: string
}

/** An ingress of this process, which counts what it keeps and remembers what it logs. */
async function ingress (t: Test, { apps = [anApp()], path = '/', trust, certificate, limits = {}, host = '127.0.0.1' }: Options = {}) {
  const traces: string[] = []
  const lines: string[] = []
  const quarantine = { kept: 0, lost: 0, handOver: () => { traces.push('quarantined') }, lose: () => { traces.push('lost') } }
  const { app, metrics } = await listening(t, {
    apps,
    path,
    host,
    certificate,
    trusted: trust === undefined ? undefined : trustedProxies(trust),
    append: async () => { traces.push('appended') },
    quarantine,
    metrics: metricsWithout({ quarantine, certificate }),
    log: createLogger('ingress', 'trace', { write: line => { lines.push(line) } }),
    limits: { ...connectionLimits, ...limits }
  })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const post = async (target: string, headers: Record<string, string | string[]> = {}) => await answerTo(port, target, { headers })
  return { app, port, post, traces, lines, metrics, alerts: () => lines.map(line => JSON.parse(line)).filter(({ alert }) => alert !== undefined) }
}

interface Answer { status: number | undefined, connection: string | undefined, text: string }

/** A request and its answer; over TLS where the certificate is given that is trusted. */
async function answerTo (port: number, target: string, { method = 'POST', headers = {}, trusting, agent }: { method?: string, headers?: Record<string, string | string[]>, trusting?: Issued, agent?: HttpsAgent } = {}): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: target, method, headers, agent: agent ?? false, ...trusting && { ca: trusting.cert } }
    const request = trusting === undefined ? httpRequest(options) : httpsRequest(options)
    request.once('response', response => {
      let text = ''
      response.setEncoding('utf8').on('data', chunk => { text += String(chunk) }).once('end', () => {
        resolve({ status: response.statusCode, connection: response.headers.connection, text })
      })
    }).once('error', reject).end(method === 'POST' ? body : undefined)
  })
}

const envelopeOf = ({ text }: Answer) => Value.Parse(Envelope, JSON.parse(text))

const seconds = (ahead = 0) => String(Math.floor(Date.now() / 1_000) + ahead)
const signed = (token: string, ahead = 0, fields: Record<string, string> = {}) => query({ RequestTime: seconds(ahead), Sign: signatureOf(token, seconds(ahead)), ...fields })

t.test('a callback may be as old, or as early, as the freshness of its app says; beyond it the answer tells by how much the clock is off', async t => {
  const { post } = await ingress(t, { apps: [anApp({ tokens: ['token'], freshness: 60_000 })] })
  for (const ahead of [-55, 0, 55]) t.equal((await post(`/${signed('token', ahead)}`)).status, 200, `${ahead} s`)
  for (const [ahead, told] of [[-90, /RequestTime is 9[0-2] s behind the clock here, and the app allows 60 s; this machine's clock is fast, or/], [90, /RequestTime is (89|90) s ahead of the clock here, and the app allows 60 s; this machine's clock is slow, or/]] as const) {
    const answer = await post(`/${signed('token', ahead)}`)
    t.match({ status: answer.status, envelope: envelopeOf(answer) }, { status: 401, envelope: { ErrorCode: 40103, ErrorInfo: told } })
  }
})

t.test('tokens, freshness and allow list of one app do not apply to another', async t => {
  const { post, traces } = await ingress(t, {
    apps: [
      anApp({ sdkAppId: 1, tokens: ['one'], freshness: 60_000 }),
      anApp({ sdkAppId: 2, tokens: ['two'], freshness: 600_000 }),
      anApp({ sdkAppId: 3, allow: ['203.0.113.0/24'] }),
      anApp({ sdkAppId: 4 })
    ]
  })
  const code = async (app: number, target: (fields: Record<string, string>) => string) => envelopeOf(await post(`/${target({ SdkAppid: String(app) })}`)).ErrorCode
  t.equal(await code(1, app => signed('one', 0, app)), 0)
  t.equal(await code(1, app => signed('two', 0, app)), 40102, 'the token of another app')
  t.equal(await code(1, app => signed('one', -120, app)), 40103)
  t.equal(await code(2, app => signed('two', -120, app)), 0)
  t.equal(await code(2, query), 40101)
  t.equal(await code(3, query), 40302)
  t.equal(await code(4, query), 0, 'no tokens and no list')
  t.equal(traces.filter(trace => trace === 'appended').length, 3)
})

t.test('a callback from an address that its app does not allow is refused before its signature and its body, and nothing of it is kept', async t => {
  const { port, post, traces, lines, metrics, alerts } = await ingress(t, { apps: [anApp({ tokens: ['token'], allow: ['198.51.100.7', '2001:db8::/32'] })] })
  const target = `/${signed('token')}`
  const answer = await post(target)
  t.match({ status: answer.status, envelope: envelopeOf(answer) }, { status: 403, envelope: { ActionStatus: 'FAIL', ErrorCode: 40302, ErrorInfo: /allow in the relay file.*TRUST_PROXY/ } })
  t.notMatch(answer.text, /127\.0\.0\.1/)
  t.equal((await post(`/${query()}`)).status, 403, 'unsigned: the address is looked at first')
  t.equal((await post(`/${query({ SdkAppid: '5' })}`)).text.includes('40301'), true, 'the app before the address')

  const socket = connectTcp(port, '127.0.0.1')
  socket.write(`POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`)
  t.match(String(await once(socket, 'data')), /^HTTP\/1\.1 403 /, 'no byte of the body was sent')
  socket.destroy()

  t.same(traces, [])
  const text = await metrics.text()
  t.match(text, 'baton_callbacks_refused_total{code="40302"} 3\n')
  t.notMatch(text, /baton_quarantine_total\{.*\} [1-9]/)
  t.match(alerts(), [{ app: 1400000000, address: '127.0.0.1', alert: 'CALLBACKS_FROM_STRANGE_ADDRESSES', msg: /GetIPList/ }])
  t.equal(alerts().length, 1)
  t.equal(lines.filter(line => line.includes('40302')).length, 0, 'and no line for each')
  for (const path of ['/livez', '/readyz', '/metrics']) t.equal((await answerTo(port, path, { method: 'GET' })).status, 200, path)
})

t.test('an allowed address is let in, also where IPv6 carries it', async t => {
  for (const host of ['127.0.0.1', '::']) {
    const { post, app, traces, alerts } = await ingress(t, { apps: [anApp({ allow: ['127.0.0.0/30', '2001:db8::/32'] })], host })
    const seen = once(app.server, 'request')
    t.equal((await post(`/${query()}`)).status, 200, host)
    const [request] = await seen
    t.equal(request.socket.remoteAddress, host === '::' ? '::ffff:127.0.0.1' : '127.0.0.1')
    t.same(traces, ['appended'])
    t.same(alerts(), [])
  }
})

t.test('the first strange address after a quiet minute is an alert; each is told once a minute, and only so many', async t => {
  const lines: string[] = []
  const clock = { now: 0 }
  const strange = new StrangeAddresses(createLogger('test', 'info', { write: line => { lines.push(line) } }), () => clock.now)
  const told = () => lines.splice(0).map(line => JSON.parse(line))
  for (let nth = 0; nth < 5; nth++) strange.note(14, { ip: '::ffff:198.51.100.7' })
  strange.note(14, { ip: '2001:db8::7' })
  strange.note(14, { ip: 'no address\u001b[2J' })
  strange.note(14, { ip: undefined })
  t.match(told(), [
    { level: 50, app: 14, address: '198.51.100.7', alert: 'CALLBACKS_FROM_STRANGE_ADDRESSES' },
    { level: 40, app: 14, address: '2001:db8::7' },
    { level: 40, address: 'unreadable' }
  ])
  for (let nth = 0; nth < 100; nth++) strange.note(14, { ip: `203.0.113.${nth}` })
  t.equal(told().length, 17)
  clock.now = 59_999
  strange.note(14, { ip: '198.51.100.7' })
  t.same(told(), [])
  clock.now = 60_000
  strange.note(14, { ip: '198.51.100.7' })
  t.match(told(), [{ level: 40, address: '198.51.100.7' }], 'a new minute, but not a quiet one')
  clock.now = 120_000
  strange.note(14, { ip: '198.51.100.7' })
  t.match(told(), [{ level: 50, alert: 'CALLBACKS_FROM_STRANGE_ADDRESSES' }])
})

const forwarded = 'x-forwarded-for'
const forgeries: { title: string, trust?: string, headers: Record<string, string | string[]>, sees: string }[] = [
  { title: 'without a proxy, a forged header is not looked at', headers: { [forwarded]: '203.0.113.7', forwarded: 'for=203.0.113.7', 'x-real-ip': '203.0.113.7', 'true-client-ip': '203.0.113.7' }, sees: '127.0.0.1' },
  { title: 'who is no trusted proxy is not believed', trust: '192.0.2.1', headers: { [forwarded]: '203.0.113.7' }, sees: '127.0.0.1' },
  { title: 'one proxy, by number', trust: '1', headers: { [forwarded]: '203.0.113.7' }, sees: '203.0.113.7' },
  { title: 'one proxy, by address', trust: '127.0.0.1', headers: { [forwarded]: '203.0.113.7' }, sees: '203.0.113.7' },
  { title: 'what a client put before what the proxy says is not believed, by number', trust: '1', headers: { [forwarded]: '203.0.113.7, 198.51.100.9' }, sees: '198.51.100.9' },
  { title: 'what a client put before what the proxy says is not believed, by address', trust: '127.0.0.0/8', headers: { [forwarded]: '203.0.113.7, 198.51.100.9' }, sees: '198.51.100.9' },
  { title: 'nor where it claims to be a proxy', trust: '127.0.0.1', headers: { [forwarded]: '203.0.113.7, 127.0.0.1, 198.51.100.9' }, sees: '198.51.100.9' },
  { title: 'two proxies, by number', trust: '2', headers: { [forwarded]: '192.0.2.66, 203.0.113.7, 10.0.0.5' }, sees: '203.0.113.7' },
  { title: 'two proxies, by network', trust: '127.0.0.1, 10.0.0.0/8', headers: { [forwarded]: '192.0.2.66, 203.0.113.7, 10.0.0.5' }, sees: '203.0.113.7' },
  { title: 'several headers are one list', trust: '127.0.0.1', headers: { [forwarded]: ['203.0.113.7', '198.51.100.9'] }, sees: '198.51.100.9' },
  { title: 'several headers, two proxies', trust: '2', headers: { [forwarded]: ['192.0.2.66, 203.0.113.7', '10.0.0.5'] }, sees: '203.0.113.7' },
  { title: 'IPv6', trust: '127.0.0.1,2001:db8:1::/48', headers: { [forwarded]: '2001:db8:7::1, 2001:DB8:1:0::5' }, sees: '2001:db8:7::1' },
  { title: 'IPv4 within IPv6', trust: '127.0.0.1,10.0.0.0/8', headers: { [forwarded]: '::ffff:203.0.113.7, ::ffff:10.0.0.5' }, sees: '203.0.113.7' },
  { title: 'addresses with a port', trust: '127.0.0.1,10.0.0.0/8,2001:db8:1::/48', headers: { [forwarded]: '203.0.113.7:4711, [2001:db8:1::5]:80, 10.0.0.5:80' }, sees: '203.0.113.7' },
  { title: 'garbage is nobody', trust: '1', headers: { [forwarded]: '203.0.113.7, unknown' }, sees: 'unreadable' },
  { title: 'garbage is no proxy', trust: '127.0.0.1', headers: { [forwarded]: '203.0.113.7, <b>\u00e9, 127.0.0.1' }, sees: 'unreadable' },
  { title: 'an address in other spellings is no address', trust: '1', headers: { [forwarded]: '0xcb.0.113.7' }, sees: 'unreadable' },
  { title: 'nothing but commas', trust: '1', headers: { [forwarded]: ' , ,, ' }, sees: '127.0.0.1' },
  { title: 'an empty header', trust: '1', headers: { [forwarded]: '' }, sees: '127.0.0.1' },
  { title: 'a proxy that says nothing is the client itself', trust: '1', headers: {}, sees: '127.0.0.1' }
]
for (const { title, trust, headers, sees } of forgeries) {
  t.test(`who sends: ${title}`, async t => {
    const allowed = await ingress(t, { apps: [anApp({ allow: sees === 'unreadable' ? ['203.0.113.0/24', '127.0.0.1'] : [sees] })], ...trust !== undefined && { trust } })
    t.equal((await allowed.post(`/${query()}`, headers)).status, sees === 'unreadable' ? 403 : 200)
    const other = await ingress(t, { apps: [anApp({ allow: ['192.0.2.255'] })], ...trust !== undefined && { trust } })
    t.equal((await other.post(`/${query()}`, headers)).status, 403)
    t.match(other.alerts(), [{ address: sees }])
  })
}

t.test('a callback that is wrongly signed tells in the log who sent it', async t => {
  const { post, lines, alerts } = await ingress(t, { apps: [anApp({ tokens: ['token'] })], trust: '1' })
  await post(`/${query()}`, { [forwarded]: '203.0.113.7' })
  t.match(alerts(), [{ alert: 'CALLBACKS_WRONGLY_SIGNED', address: '203.0.113.7' }])
  t.match(lines.map(line => JSON.parse(line)).filter(({ code }) => code === 40101), [{ address: '203.0.113.7' }])
})

t.test('a secret path is told to nobody who does not know it, and neither it nor a wrong one is in answers, logs or metrics', async t => {
  const secret = '9f3ac1d2e4b5f60718293a4b5c6d7e8f'
  const { port, post, lines, metrics } = await ingress(t, { path: `/cb/${secret}`, apps: [anApp({ tokens: ['token'] })] })
  t.equal((await post(`/cb/${secret}${signed('token')}`)).status, 200)
  const answers: Answer[] = []
  for (const target of ['/', '/cb', '/cb/', `/cb/${secret}/`, `/cb/${secret.slice(0, -1)}`, `/cb/${secret}0`, `/CB/${secret}`, `//cb/${secret}`, `/cb/${secret.toUpperCase()}`, '/nearly-right-path']) {
    const answer = await post(`${target}?guess=nearly-right-query`)
    t.match({ status: answer.status, envelope: envelopeOf(answer) }, { status: 404, envelope: { ErrorCode: 40401, ErrorInfo: /INGRESS_PATH, which `baton check` tells/ } }, target)
    answers.push(answer)
  }
  answers.push(await post(`/%?${secret}`), await post(`/cb/${'x'.repeat(5_000)}`))
  t.same([...new Set(answers.map(({ status }) => status))], [404])
  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']) {
    const [right, wrong] = [await answerTo(port, `/cb/${secret}`, { method }), await answerTo(port, '/cb/wrong', { method })]
    t.same(right, wrong, `${method} does not tell one from the other`)
    answers.push(right)
  }
  answers.push(await post(`/cb/${secret}${query()}`), await post(`/cb/${secret}`), ...await Promise.all(['/livez', '/readyz', '/metrics'].map(async path => await answerTo(port, path, { method: 'GET' }))))
  for (const text of [...answers.map(({ text }) => text), ...lines, await metrics.text()]) t.notMatch(text, new RegExp(`${secret.slice(0, 16)}|nearly-right`, 'i'))
  t.match(await metrics.text(), 'baton_callbacks_refused_total{code="40401"} 12\n')
})

/** A certificate in files, in a folder of their own. */
function filesOf (t: Test, issued: Pick<Issued, 'cert' | 'key'>) {
  const folder = mkdtempSync(join(tmpdir(), 'baton-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  writeFileSync(files.cert, issued.cert)
  writeFileSync(files.key, issued.key)
  return files
}

/** A certificate in files, and what is logged of it. */
function renewed (t: Test, issued: Pick<Issued, 'cert' | 'key'>, options: { now?: () => number, looks?: number } = {}) {
  const files = filesOf(t, issued)
  const lines: string[] = []
  const heard = new EventEmitter()
  const certificate = new RenewedCertificate(files, createLogger('ingress', 'debug', { write: line => { lines.push(line); heard.emit('line') } }), options)
  t.teardown(() => { certificate.close() })
  return { files, certificate, heard, said: () => lines.splice(0).map(line => JSON.parse(line)) }
}

/** A TLS connection; resolves once it can be used. */
async function handshaken (t: Test, port: number, trusting: Issued, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, ca: trusting.cert, ...options })
  t.teardown(() => { socket.destroy() })
  await once(socket, 'secureConnect')
  return socket
}

const head = `POST /${query()} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`
const whole = async (socket: Readable): Promise<string> => Buffer.concat(await Readable.from(socket).toArray()).toString()

t.test('callbacks, probes and metrics come over HTTPS, TLS 1.2 or 1.3, and nothing else does', async t => {
  const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls
  t.teardown(() => { Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS }) })
  Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1', DEFAULT_CIPHERS: 'DEFAULT@SECLEVEL=0' }) // as NODE_OPTIONS may have it
  const issued = certificate({ to: Date.now() + 100 * day })
  const { certificate: own, said, files } = renewed(t, issued)
  const { port, metrics, traces, alerts } = await ingress(t, { certificate: own, apps: [anApp({ allow: ['127.0.0.1'] })] })
  const agent = new HttpsAgent({ keepAlive: true, maxSockets: 1, ca: issued.cert })
  t.teardown(() => { agent.destroy() })
  for (let nth = 0; nth < 3; nth++) t.match(await answerTo(port, `/${query()}`, { trusting: issued, agent }), { status: 200, connection: 'keep-alive', text: '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}' })
  for (const path of ['/livez', '/readyz', '/metrics']) t.equal((await answerTo(port, path, { method: 'GET', trusting: issued, agent })).status, 200, path)
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await handshaken(t, port, issued, { minVersion: version, maxVersion: version })
    t.equal(socket.getProtocol(), version)
    socket.write(head + body)
    t.match(String(await once(socket, 'data')), /^HTTP\/1\.1 200 /)
  }
  t.equal(traces.length, 5)
  t.match(await metrics.text(), 'baton_tls_handshakes_failed_total 0\n')

  await t.rejects(handshaken(t, port, issued, { maxVersion: 'TLSv1.1' }), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
  const plain = connectTcp(port, '127.0.0.1').on('error', () => {})
  plain.write(head + body)
  t.notMatch(await whole(plain), /HTTP/)
  const text = await metrics.text()
  t.match(text, 'baton_tls_handshakes_failed_total 2\n')
  t.notMatch(text, /baton_requests_malformed_total\{.*\} [1-9]/)
  const [, left = ''] = /^baton_tls_certificate_expires_seconds (.*)$/m.exec(text) ?? []
  t.ok(Math.abs(Number(left) - 100 * day / 1_000) < 60, left)
  t.same(said().filter(({ level }) => level > 30), [])
  t.same(alerts(), [])
  t.notMatch(await (await ingress(t)).metrics.text(), /^baton_tls_certificate_expires_seconds /m)

  const renewal = certificate()
  writeFileSync(files.cert, renewal.cert)
  writeFileSync(files.key, renewal.key)
  await own.look()
  t.equal((await answerTo(port, `/${query()}`, { trusting: renewal })).status, 200)
  await t.rejects(handshaken(t, port, renewal, { maxVersion: 'TLSv1.1' }), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' }, 'nor after a renewal')
})

t.test('files that do not fit are told of with what is wrong with them, all at once', async t => {
  const [one, other] = [certificate(), certificate()]
  const encrypted = String(one.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }))
  const issuer = certificate({ name: 'issuer' })
  const leaf = certificate({ issuer })
  const [first = '', second = ''] = leaf.cert.split(/(?<=END CERTIFICATE-----\n)/)
  const folder = t.testdir({})
  for (const [cert, key, ...problems] of [
    [join(folder, 'none'), folder, /^TLS_CERT = ".*none" cannot be read \(ENOENT\)/, /^TLS_KEY = ".*" cannot be read \(EISDIR\)/],
    [{ text: one.key }, { text: one.cert }, /^TLS_CERT = ".*" has no certificate/, /^TLS_KEY = ".*" has no private key/],
    [{ text: one.cert }, { text: other.key }, /^TLS_KEY is not the key of the first certificate in TLS_CERT/],
    [{ text: second + first }, { text: leaf.key }, /^TLS_KEY is not the key of the first certificate.*own certificate comes first/],
    [{ text: one.cert }, { text: encrypted }, /^TLS_KEY = ".*" is encrypted/],
    [{ text: one.cert.replace(/\n.{10}/, '\nAAAAAAAAAA') }, { text: one.key.replace(/\n.{10}/, '\nAAAAAAAAAA') }, /^TLS_CERT = ".*" does not fit/, /^TLS_KEY = ".*" does not fit/],
    [{ text: '' }, { text: '' }, /has no certificate/, /has no private key/]
  ] as const) {
    const file = (given: string | { text: string }, name: string) => {
      if (typeof given === 'string') return given
      writeFileSync(join(folder, name), given.text)
      return join(folder, name)
    }
    t.throws(() => { readTlsPair({ cert: file(cert, 'cert.pem'), key: file(key, 'key.pem') }) }, { code: 'SETTINGS_INVALID', problems })
  }
  t.match(readTlsPair(filesOf(t, leaf)), { cert: leaf.cert, key: leaf.key })
})

t.test('a certificate is valid for as long as all that issued it are', async t => {
  const at = (days: number) => Math.floor(Date.now() / 1_000) * 1_000 + days * day
  const leaf = certificate({ from: at(-1), to: at(90), issuer: certificate({ name: 'issuer', from: at(-100), to: at(10) }) })
  t.match(readTlsPair(filesOf(t, leaf)), { validFrom: at(-1), expiresAt: at(10) })
})

t.test('a certificate that ends within 14 days is a warning once a day, and an alert once it has ended', async t => {
  const clock = { now: Date.now() }
  const { certificate: own, said } = renewed(t, certificate({ from: clock.now - 70 * day, to: clock.now + 20 * day }), { now: () => clock.now })
  const after = async (days: number) => {
    clock.now += days * day
    await own.look()
    return said()
  }
  t.same(said(), [])
  t.same(await after(5.9), [])
  t.match(await after(0.2), [{ level: 40, days: 13, msg: /renew it/ }])
  t.same(await after(0.9), [])
  t.match(await after(0.2), [{ level: 40, days: 12 }])
  t.match(await after(13), [{ level: 50, alert: 'TLS_CERTIFICATE_NOT_VALID', msg: /has expired/ }])
  t.same(await after(0.5), [])
  t.match(await after(0.6), [{ alert: 'TLS_CERTIFICATE_NOT_VALID' }])

  const week = renewed(t, certificate({ from: clock.now - 3 * day, to: clock.now + 4 * day }), { now: () => clock.now })
  t.same(week.said(), [], 'one that was made for a week is not old on its third day')
  clock.now += 2 * day
  await week.certificate.look()
  t.match(week.said(), [{ level: 40, days: 1 }])

  t.match(renewed(t, certificate({ from: Date.now() - 20 * day, to: Date.now() - day })).said(), [{ alert: 'TLS_CERTIFICATE_NOT_VALID', msg: /has expired/ }], 'it starts all the same')
  t.match(renewed(t, certificate({ from: Date.now() + day })).said(), [{ alert: 'TLS_CERTIFICATE_NOT_VALID', msg: /not valid yet/ }])
})

t.test('a renewed certificate is taken without a restart; connections from before stay; one that does not fit is refused with an alert', async t => {
  const [first, second, third] = [certificate(), certificate(), certificate({ from: Date.now() - 85 * day, to: Date.now() + 5 * day })]
  const { files, certificate: own, said } = renewed(t, first)
  const { port, metrics } = await ingress(t, { certificate: own })
  const served = async (trusting: Issued) => (await answerTo(port, `/${query()}`, { trusting })).status
  const kept = await handshaken(t, port, first)
  t.equal(await served(first), 200)
  await own.look()

  writeFileSync(files.cert, second.cert)
  await own.look()
  t.same(said(), [], 'the key may come a moment later')
  t.equal(await served(first), 200)
  writeFileSync(files.key, second.key)
  await own.look()
  t.match(said(), [{ level: 30, msg: /renewed/ }])
  t.equal(await served(second), 200)
  await t.rejects(served(first), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  kept.write(head + body)
  t.match(String(await once(kept, 'data')), /^HTTP\/1\.1 200 /)

  for (const broken of [third.cert, 'nonsense', '']) {
    writeFileSync(files.cert, broken)
    await own.look()
    t.same(said(), [])
    await own.look()
    t.match(said(), [{ level: 50, alert: 'TLS_CERTIFICATE_UNUSABLE', err: { problems: [/TLS_/] }, expires: /T/ }])
    await own.look()
    t.same(said(), [], 'once')
    t.equal(await served(second), 200)
  }
  renameSync(files.key, `${files.key}.away`)
  for (let nth = 0; nth < 3; nth++) await own.look()
  t.match(said(), [{ alert: 'TLS_CERTIFICATE_UNUSABLE', err: { problems: [/TLS_CERT/, /TLS_KEY.*ENOENT/] } }])
  t.equal(await served(second), 200)

  writeFileSync(files.cert, third.cert)
  writeFileSync(files.key, third.key)
  await Promise.all([own.look(), own.look()])
  t.match(said(), [{ msg: /renewed/ }, { level: 40, days: 4 }])
  t.equal(await served(third), 200)
  const [, left = ''] = /^baton_tls_certificate_expires_seconds (.*)$/m.exec(await metrics.text()) ?? []
  t.ok(Math.abs(Number(left) - 5 * day / 1_000) < 60, left)
})

t.test('the files are looked at by themselves, until the ingress stops', async t => {
  const [first, second, third] = [certificate(), certificate(), certificate()]
  const { files, certificate: own, heard, said } = renewed(t, first, { looks: 10 })
  await ingress(t, { certificate: own }) // by themselves the looks keep no process alive
  const heardOf = once(heard, 'line')
  writeFileSync(files.cert, second.cert)
  writeFileSync(files.key, second.key)
  await heardOf
  t.match(said(), [{ msg: /renewed/ }])
  own.close()
  writeFileSync(files.cert, third.cert)
  writeFileSync(files.key, third.key)
  const next = renewed(t, first, { looks: 10 })
  writeFileSync(next.files.cert, third.cert)
  writeFileSync(next.files.key, third.key)
  await once(next.heard, 'line')
  t.same(said(), [], 'while another one has heard of it')
})

t.test('a link that leads elsewhere, as certbot and Kubernetes change theirs, is a renewal; a touched file is none', async t => {
  const [first, second] = [certificate(), certificate()]
  const folder = t.testdir({ one: { 'cert.pem': first.cert, 'key.pem': first.key }, two: { 'cert.pem': second.cert, 'key.pem': second.key } })
  symlinkSync('one', join(folder, 'live'))
  const lines: string[] = []
  const own = new RenewedCertificate({ cert: join(folder, 'live/cert.pem'), key: join(folder, 'live/key.pem') }, createLogger('ingress', 'info', { write: line => { lines.push(line) } }))
  t.teardown(() => { own.close() })
  const { port } = await ingress(t, { certificate: own })
  t.equal((await answerTo(port, `/${query()}`, { trusting: first })).status, 200)
  writeFileSync(join(folder, 'one/cert.pem'), first.cert)
  await own.look()
  t.same(lines, [])
  symlinkSync('two', join(folder, 'new'))
  renameSync(join(folder, 'new'), join(folder, 'live'))
  await own.look()
  t.match(lines, [/renewed/])
  t.equal((await answerTo(port, `/${query()}`, { trusting: second })).status, 200)
})

t.test('clients are bounded over TLS too: how many, and how long a handshake and a request may take', async t => {
  const issued = certificate()
  const { certificate: own } = renewed(t, issued)
  const { port, app, metrics } = await ingress(t, { certificate: own, limits: { connections: 3, headers: 200, request: 400, looks: 20 } })
  const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections } = app.server
  t.same({ headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections }, { headersTimeout: 200, requestTimeout: 400, keepAliveTimeout: 72_000, timeout: 30_000, maxConnections: 3 })
  const silent = connectTcp(port, '127.0.0.1')
  t.equal(await whole(silent), '', 'no handshake')
  const text = await metrics.text()
  t.match(text, 'baton_tls_handshakes_failed_total 1\n')
  t.notMatch(text, /baton_requests_malformed_total\{.*\} [1-9]/)

  const [slow, half] = [await handshaken(t, port, issued), await handshaken(t, port, issued)]
  slow.write(head.slice(0, -2))
  half.write(head + body.slice(0, 10))
  for (const answer of await Promise.all([slow, half].map(whole))) t.match(answer, /^HTTP\/1\.1 408 [^]*Connection: close\r\n[^]*"ErrorCode":40001/)

  const held = [await handshaken(t, port, issued), await handshaken(t, port, issued), connectTcp(port, '127.0.0.1')]
  await once(held[2] ?? t, 'connect')
  const dropped = once(app.server, 'drop')
  const refused = connectTcp(port, '127.0.0.1').on('error', () => {})
  await Promise.all([dropped, once(refused, 'close')])
  t.match(await metrics.text(), 'baton_connections_refused_total 1\n')
})

t.test('a client that never fetches its answers is let go over TLS too', async t => {
  const issued = certificate()
  const { certificate: own } = renewed(t, issued)
  const { port, app } = await ingress(t, { certificate: own, limits: { silence: 300 } })
  const taken = once(app.server, 'secureConnection')
  const deaf = (await handshaken(t, port, issued)).on('error', () => {})
  const [socket] = await taken
  const gone = once(socket, 'close')
  deaf.pause()
  const fill = setInterval(() => { if (deaf.writableLength < 100_000) deaf.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000)) }, 1)
  t.teardown(() => { clearInterval(fill) })
  await gone
  t.pass('the server has closed it')
})

t.test('a stop refuses nobody over TLS: whose connection was made, or whose handshake had begun, is served and told to part', async t => {
  const issued = certificate()
  const { certificate: own } = renewed(t, issued)
  const { port, app } = await ingress(t, { certificate: own })
  const established = await handshaken(t, port, issued)
  const agent = new HttpsAgent({ keepAlive: true, ca: issued.cert })
  t.teardown(() => { agent.destroy() })
  t.match(await answerTo(port, `/${query()}`, { trusting: issued, agent }), { connection: 'keep-alive' })
  const begun = Array.from({ length: 50 }, () => {
    const socket = connectTls({ host: '127.0.0.1', port, ca: issued.cert })
    socket.write(head + body)
    return whole(socket)
  })
  await new Promise<void>(resolve => { process.nextTick(resolve) }) // the system has made them, and nobody has looked yet
  const began = performance.now()
  const closed = app.close()
  established.write(head + body)
  for (const answer of await Promise.all([whole(established), ...begun])) t.match(answer, /^HTTP\/1\.1 200 [^]*Connection: close\r\n/i)
  await closed
  t.ok(performance.now() - began < 5_000)
})

t.test('a client that connects and says nothing does not hold up a stop', async t => {
  const issued = certificate()
  const { certificate: own } = renewed(t, issued)
  const { port, app } = await ingress(t, { certificate: own, limits: { headers: 300 } })
  const silent = connectTcp(port, '127.0.0.1').on('error', () => {})
  await once(app.server, 'connection')
  const gone = once(silent, 'close')
  await app.close()
  await gone
  t.pass('it was let go when its time for the handshake was over')
})

/** An ingress in a process of its own, whose Redis is away. */
async function started (t: Test, environment: Record<string, string>, relay = 'apps: [{ sdkAppId: 1400000000 }]\ntargets: { memory: { type: memory } }\n') {
  const folder = t.testdir({
    'main.mjs': "import { runProcess } from '@baton/runtime'; import { startIngress } from '@baton/ingress'; await runProcess('ingress', startIngress)",
    'baton.yaml': relay
  })
  const child = spawn(process.execPath, ['main.mjs'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: '0', REDIS_URL: `redis://127.0.0.1:${await freePort()}`, LOG_LEVEL: 'trace', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc']
  })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { said += String(chunk) })
  const ended = Promise.all([once(child, 'exit'), ...[child.stdout, child.stderr].map(async stream => stream && await once(stream, 'close'))]).then(([[code, signal]]) => ({ how: signal ?? code, said }))
  const url = await Promise.race([once(child, 'message').then(([{ urls }]) => String(urls.ingress)), ended.then(() => undefined)])
  return {
    url,
    ended,
    stop: () => child.kill('SIGTERM'),
    /** Writes the relay file and asks for it to be read; resolves once the log says this. */
    reload: async (relay: string, text: RegExp) => {
      const before = said.length
      writeFileSync(join(folder, 'baton.yaml'), relay)
      child.kill('SIGHUP')
      while (!text.test(said.slice(before))) await once(child.stdout ?? child, 'data')
    }
  }
}

t.test('a changed relay file is taken without a pause: tokens are rotated, and one that does not fit is refused', async t => {
  const relay = (tokens: string) => `apps: [{ sdkAppId: 1400000000, tokens: [${tokens}] }]\ntargets: { memory: { type: memory } }\n`
  const { url = '', stop, ended, reload } = await started(t, {}, relay('old'))
  const statuses = async () => await Promise.all(['old', 'new'].map(async token => {
    const RequestTime = String(Math.floor(Date.now() / 1_000))
    return (await fetch(`${url}${query({ RequestTime, Sign: signatureOf(token, RequestTime) })}`, { method: 'POST', body })).status
  }))
  t.same(await statuses(), [200, 401])
  await reload(relay('old, new'), /is taken/)
  t.same(await statuses(), [200, 200])
  await reload(relay('"${NOT_SET}"'), /RELAY_FILE_REFUSED/)
  t.same(await statuses(), [200, 200])
  await reload(relay('new'), /is taken/)
  t.same(await statuses(), [401, 200])
  await reload(relay('new'), /says nothing new/)
  stop()
  const { how, said } = await ended
  t.equal(how, 0)
  t.match(said, /RELAY_FILE_REFUSED/)
})

t.test('an ingress over HTTPS on a secret path: it tells its starter the URL, its log neither path nor what was sent to others', async t => {
  const issued = certificate({ from: Date.now() - 85 * day, to: Date.now() + 5 * day })
  const files = filesOf(t, issued)
  const secret = 'c0ffee9f3ac1d2e4b5f607'
  const { url = '', ended, stop } = await started(t, { TLS_CERT: files.cert, TLS_KEY: files.key, INGRESS_PATH: `/cb/${secret}`, TRUST_PROXY: '1' }, 'apps: [{ sdkAppId: 1400000000, allow: [203.0.113.7] }]\ntargets: { memory: { type: memory } }\n')
  t.match(url, new RegExp(`^https://127\\.0\\.0\\.1:\\d+/cb/${secret}$`))
  const port = Number(new URL(url).port)
  t.match(await answerTo(port, `/cb/${secret}${query()}`, { trusting: issued, headers: { [forwarded]: '203.0.113.7' } }), { status: 200 })
  t.match(await answerTo(port, `/cb/${secret}${query()}`, { trusting: issued }), { status: refusals['wrong-address'].status })
  t.match(await answerTo(port, '/wrong-path?wrong-query', { trusting: issued }), { status: 404 })
  stop()
  const { how, said } = await ended
  t.equal(how, 0)
  t.match(said, /"level":40,[^\n]*certificate expires soon/)
  t.match(said, /"level":40,[^\n]*has no tokens/)
  t.match(said, /"level":40,[^\n]*TRUST_PROXY is a number/)
  t.match(said, `"ingress":"${new URL(url).origin}","msg":"ready"`)
  t.match(said, `listening at ${new URL(url).origin}"`)
  t.notMatch(said, /wrong-path|wrong-query/)
  t.notMatch(said, new RegExp(secret))
})

t.test('an ingress whose certificate does not fit, or whose allow list does not, does not start and says why', async t => {
  const files = filesOf(t, { cert: certificate().cert, key: certificate().key })
  t.match(await (await started(t, { TLS_CERT: files.cert, TLS_KEY: files.key })).ended, { how: 1, said: /TLS_KEY is not the key of the first certificate/ })
  t.match(await (await started(t, { TLS_CERT: files.cert })).ended, { how: 1, said: /TLS_KEY is missing: TLS_CERT is set without it/ })
  t.match(await (await started(t, { TRUST_PROXY: 'true' })).ended, { how: 1, said: /TRUST_PROXY = "true" does not fit: it would believe everybody/ })
  t.match(await (await started(t, {}, 'apps:\n  - sdkAppId: 1400000000\n    allow: [203.0.113.7/24]\ntargets: { memory: { type: memory } }\n')).ended, { how: 1, said: /baton\.yaml:3:13 apps\[0\]\.allow\[0\]: "203\.0\.113\.7\/24" is an address within a network: write 203\.0\.113\.0\/24/ })
})
