import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import type { SecureVersion } from 'node:tls'
import t, { type Test } from 'tap'
import { acknowledgement } from '@baton/contracts'
import { certificate, freePort, type Issued } from '@baton/testing'
import { checkDns } from '../src/doctor/check-dns.ts'
import { checkUrl } from '../src/doctor/check-url.ts'
import { Visit } from '../src/doctor/visit.ts'
import { doctor, type DoctorOptions } from '../src/index.ts'

// What is in front of a Baton, or in its place. With a Baton behind it, the doctor is tested in apps/cli.

/** A DNS in which every host is on this machine. */
const everywhere = { here: async () => ['127.0.0.1'], servers: async () => ['127.0.0.1'] }

/** What the doctor says, by check. */
async function examine (url: string, options: Partial<DoctorOptions> = {}) {
  const diagnosis = await doctor({ appId: 1400000000, tokens: ['token'], resolver: everywhere, ...options, url })
  return { ...diagnosis, on: new Map(diagnosis.checks.map(check => [check.name, check])) }
}

async function listening (t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return (server.address() as AddressInfo).port
}

const serve = async (t: Test, listener: RequestListener) => await listening(t, createServer(listener))

t.test('the URL is one that the console takes', async t => {
  for (const [url, status, found] of [
    ['chat.example.com/callbacks', 'fail', /no URL/],
    ['ftp://chat.example.com/', 'fail', /no URL/],
    ['https://', 'fail', /no URL/]
  ] as const) {
    const { checks, unchecked, healthy } = await examine(url)
    t.match(checks, [{ name: 'url', status, found }], url)
    t.match({ unchecked, healthy }, { unchecked: { length: 15 }, healthy: false }, 'nothing can be checked without one')
  }
  for (const [url, status, found] of [
    ['https://chat.example.com/callbacks', 'ok', /https/],
    ['http://127.0.0.1/', 'ok', /http/],
    ['http://chat.example.com/', 'warn', /everybody on the way/],
    ['http://198.51.100.7/', 'ok', /http/],
    ['https://chat.example.com/?from=tencent', 'fail', /a query/],
    ['https://chat.example.com/?', 'fail', /a query/],
    ['https://chat.example.com/#a', 'fail', /a query or a fragment/],
    ['https://chat.example.com/a$b', 'fail', /one of ! \$ &/],
    ['https://me:secret@chat.example.com/', 'fail', /^(?!.*secret).*password/],
    ['https://chat_1.example.com/', 'warn', /hyphens/],
    ['https://xn--bcher-kva.example.com/', 'warn', /hyphens/],
    [`https://${'a'.repeat(60)}.example.com/`, 'warn', /72 characters/],
    ['https://[2001:db8::1]/', 'warn', /IPv6/]
  ] as const) {
    t.match(checkUrl(url), { status, found }, url)
  }
})

t.test('the name has addresses that the internet knows and reaches', async t => {
  const dns = async (here: string[], servers: string[] | undefined = here, url = 'https://chat.example.com/') =>
    await checkDns(new Visit({ url, appId: 1, tokens: [], roots: [], now: Date.now, resolver: { here: async () => here, servers: async () => servers } }, new URL(url)))
  t.match(await dns(['8.8.8.8', '2606:4700::1111']), { status: 'ok', found: 'chat.example.com is 8.8.8.8, 2606:4700::1111' })
  for (const [address, place] of [['127.0.0.1', 'this machine'], ['0.0.0.0', 'this machine'], ['::1', 'this machine'], ['10.1.2.3', 'private'], ['172.31.0.1', 'private'], ['192.168.1.1', 'private'], ['fd00::1', 'private'], ['::ffff:10.0.0.1', 'private'], ['169.254.1.1', 'segment'], ['100.64.0.1', 'provider'], ['198.18.0.1', 'no machine']] as const) {
    t.match(await dns([address]), { status: 'fail', found: `${address} (`, next: /public addresses/ }, address)
    t.match(await dns(['8.8.8.8', address]), { status: 'fail', found: new RegExp(`^chat\\.example\\.com is ${address.replaceAll('.', '\\.')} \\(.*${place}.*\\) among others: Tencent cannot reach`) }, address)
  }
  for (const address of ['172.32.0.1', '100.128.0.1', '11.0.0.1']) t.match(await dns([address]), { status: 'ok' }, `${address} is public`)
  t.match(await dns(['2606:4700::1111']), { status: 'warn', found: /no IPv4/ })
  t.match(await dns(['8.8.8.8'], []), { status: 'warn', found: /this machine alone does/ })
  t.match(await dns(['8.8.8.8'], undefined), { status: 'ok' }, 'silent DNS servers prove nothing')
  t.match(await dns([], [], 'http://192.168.1.1/'), { status: 'ok', found: /private network: fine for trying/, next: /tunnel/ }, 'nobody takes it for a public name')
  t.match(await dns([], [], 'http://8.8.8.8/'), { status: 'ok', found: /a public one/ })
  t.match(await dns(['::1'], [], 'http://localhost/'), { status: 'ok', found: /localhost \(::1\) is this machine/ })

  const failing = async (code: string) => await examine('https://nowhere.example.com/', { resolver: { ...everywhere, here: async () => { throw Object.assign(new Error(), { code }) } } })
  t.match((await failing('EAI_AGAIN')).on.get('dns'), { status: 'fail', next: /DNS servers of this machine/ })
  const unknown = await failing('ENOTFOUND')
  t.match(unknown, { healthy: false, unchecked: { length: 14 } })
  t.match(unknown.on.get('dns'), { status: 'fail', found: /no address \(ENOTFOUND\)/, next: /A record/ })
})

t.test('every address takes connections, or it is told which does not', async t => {
  const port = await serve(t, (_request, response) => { response.end('{}') })
  const closed = await freePort()
  const refused = await examine(`http://127.0.0.1:${closed}/`)
  t.match(refused.on.get('connection'), { status: 'fail', found: new RegExp(`127\\.0\\.0\\.1 port ${closed}: ECONNREFUSED`), next: /npm start/ })
  t.match(refused, { healthy: false, tunnels: [{ command: `cloudflared tunnel --url http://127.0.0.1:${closed}` }, { command: `ngrok http ${closed}` }, { command: new RegExp(`^ssh .*:127\\.0\\.0\\.1:${closed} `) }] })
  const resolver = { here: async () => ['127.0.0.2', '127.0.0.1'], servers: async () => ['127.0.0.2', '127.0.0.1'] }
  const half = await examine(`http://chat.example.com:${port}/`, { resolver })
  t.match(half.on.get('connection'), { status: 'fail', found: /only some.*127\.0\.0\.2/ })
  t.match(half.on.get('answer'), { status: 'ok' }, 'the others are asked further')
})

/** A server that shows a certificate. */
async function secure (t: Test, { cert, key }: Issued, minVersion: SecureVersion = 'TLSv1.2') {
  const server = createSecureServer({ cert, key, minVersion }, (_request, response) => { response.end('{}') })
  server.on('tlsClientError', () => {})
  return await listening(t, server)
}

t.test('the certificate is one that Tencent accepts, or it is told why not', async t => {
  const day = 86_400_000
  const authority = certificate({ name: 'An Authority' })
  const hosts = ['chat.example.com']
  const roots = [authority.cert]
  const seen = async (issued: Issued, options: Partial<DoctorOptions> = { roots }) => {
    const { on, unchecked } = await examine(`https://chat.example.com:${await secure(t, issued)}/`, options)
    return { ...on.get('certificate'), unchecked }
  }
  t.match(await seen(certificate({ hosts, issuer: authority })), { status: 'ok', found: /^TLSv1\.3, by An Authority, until 20\d\d-\d\d-\d\d \(36[45] days\)$/ })
  t.match(await seen(certificate({ hosts })), { status: 'fail', found: /self-signed.*Tencent refuses it/, next: /public authority/, unchecked: { length: 12 } }, 'and no signature is shown to who knows whom')
  t.match(await seen(certificate({ hosts, issuer: authority, from: Date.now() - 90 * day, to: Date.now() - day })), { status: 'fail', found: /ended on 20/, next: /Renew/ })
  t.match(await seen(certificate({ hosts, from: Date.now() - 90 * day, to: Date.now() - day })), { status: 'fail', found: /self-signed.*ended on 20/ }, 'both at once')
  t.match(await seen(certificate({ hosts, issuer: authority, from: Date.now() + day })), { status: 'fail', found: /begins on 20/ })
  t.match(await seen(certificate({ hosts: ['other.example.com', '127.0.0.1'], issuer: authority })), { status: 'fail', found: /for other\.example\.com.*not for chat\.example\.com/, next: /virtual host/ })
  t.match(await seen(certificate({ hosts, issuer: authority, from: Date.now() - 85 * day, to: Date.now() + 5 * day })), { status: 'warn', found: /\(4 days\): it ends soon/ })
  t.match(await seen(certificate({ hosts, issuer: authority, from: Date.now() - day, to: Date.now() + 5 * day })), { status: 'ok' }, 'it was made for no longer')
  const between = certificate({ name: 'Between', issuer: authority })
  const alone = certificate({ hosts, issuer: between })
  t.match(await seen(alone), { status: 'ok' })
  t.match(await seen({ ...alone, cert: alone.cert.slice(0, alone.cert.indexOf('-----END CERTIFICATE-----') + 26) }), { status: 'fail', found: /issuer is missing/, next: /fullchain/ })
  t.match(await seen(certificate({ hosts, issuer: certificate({ name: 'Private' }) })), { status: 'fail', found: /authority is a private one/ })
  t.match(await seen(certificate({ hosts, issuer: authority }), {}), { status: 'fail' }, 'by default the public authorities count')

  const modern = await secure(t, certificate({ hosts, issuer: authority }), 'TLSv1.3')
  t.match((await examine(`https://chat.example.com:${modern}/`, { roots })).on.get('certificate'), { status: 'warn', found: /TLS 1\.2 is refused/ })
  const plain = await serve(t, (_request, response) => { response.end('{}') })
  t.match((await examine(`https://chat.example.com:${plain}/`, { roots })).on.get('certificate'), { status: 'fail', found: /no TLS connection/ })
  const local = await examine(`https://localhost:${await secure(t, certificate())}/`)
  t.match(local.on.get('certificate'), { status: 'warn', found: /self-signed/ })
  t.match(local.on.get('answer'), { status: 'ok' }, 'on this machine one\'s own will do')
})

t.test('what takes connections and says nothing', async t => {
  const port = await listening(t, createTcpServer(socket => { socket.destroy() }))
  const { on, unchecked } = await examine(`http://127.0.0.1:${port}/`)
  t.match(on.get('answer'), { status: 'fail', found: /no answer to a POST/, next: /scheme and port/ })
  t.equal(unchecked.length, 11)
})

t.test('a redirect is followed by nobody, and the address behind it is told where it may be the right one', async t => {
  const redirected = async (location: string, status = 301) => {
    const port = await serve(t, (_request, response) => { response.writeHead(status, { location: location.replace('PORT', String(port)) }).end() })
    return (await examine(`http://chat.example.com:${port}/callbacks`)).on.get('redirect')
  }
  t.match(await redirected('https://chat.example.com/callbacks'), { status: 'fail', found: /301 to https:\/\/chat\.example\.com\/callbacks: Tencent does not follow/, next: /Enter https:\/\/chat\.example\.com\/callbacks in the console/ })
  t.match(await redirected('/callbacks/?SdkAppid=1', 308), { found: /308 to http:\/\/chat\.example\.com:\d+\/callbacks\/: /, next: /Enter .*\/callbacks\/ in the console instead, if/ })
  t.match(await redirected('http://www.example.com:PORT/callbacks', 302), { next: /Enter http:\/\/www\.example\.com/ })
  t.match(await redirected('https://login.example.com/?to=x', 303), { next: /login/ })
})

t.test('what is no Baton is told by its answer', async t => {
  const answering = async (status: number, headers: Record<string, string>, body = '<h1>Hello</h1>') => {
    const port = await serve(t, (_request, response) => { response.writeHead(status, headers).end(body) })
    return await examine(`http://127.0.0.1:${port}/`)
  }
  const html = { 'content-type': 'text/html; charset=utf-8' }
  for (const [status, headers, next] of [
    [200, html, /A page answers/],
    [200, { 'content-type': 'application/json' }, /Another server/],
    [401, { ...html, 'www-authenticate': 'Basic' }, /login/],
    [403, html, /firewall/],
    [403, { ...html, server: 'cloudflare', 'cf-mitigated': 'challenge' }, /robot/],
    [503, { ...html, server: 'cloudflare' }, /robot/],
    [404, html, /no route/],
    [404, { ...html, 'ngrok-error-code': 'ERR_NGROK_3200' }, /ERR_NGROK_3200/],
    [405, html, /takes no POST/],
    [411, html, /Content-Length/],
    [415, {}, /Content-Type/],
    [421, {}, /virtual hosts/],
    [429, {}, /rate/],
    [502, html, /does not reach the ingress/],
    [530, { ...html, server: 'cloudflare' }, /cloudflared/],
    [418, {}, /Something else/]
  ] as const) {
    const { on, healthy, unchecked } = await answering(status, headers)
    t.match(on.get('baton'), { status: 'fail', found: new RegExp(`no envelope: HTTP ${status}, `), next }, `${status}: ${next.source}`)
    t.same({ healthy, unchecked }, { healthy: false, unchecked: ['method', 'query', 'app', 'signature', 'body', 'latency', 'keep-alive', 'clock', 'address'] })
  }
  t.match((await answering(200, {}, '{"ActionStatus":"FAIL","ErrorInfo":"no","ErrorCode":1}')).on.get('baton'), { status: 'fail', found: /not Baton's/ })
})

t.test('of an answer without end no more is read than an envelope could have', async t => {
  let written = 0
  const chunk = Buffer.alloc(65_536, 'x')
  const port = await serve(t, (_request, response) => {
    const write = () => {
      while (response.write(chunk)) written += chunk.length
      written += chunk.length
    }
    response.on('drain', write)
    write()
  })
  t.match((await examine(`http://127.0.0.1:${port}/`)).on.get('baton'), { status: 'fail', found: /no envelope/ })
  t.ok(written < 32 * 1_048_576, `${written} bytes`)
})

t.test('a receiver that says yes to everything is not taken for a Baton', async t => {
  const port = await serve(t, (request, response) => {
    request.resume().on('end', () => { response.end(JSON.stringify(acknowledgement)) })
  })
  const { healthy, checks } = await examine(`http://127.0.0.1:${port}/`)
  t.equal(healthy, false)
  const ailing = checks.filter(({ name, status }) => status === 'fail' || (status === 'warn' && name !== 'latency')) // this machine may be busy
  t.equal(ailing.length, 3)
  t.match(ailing, [
    { name: 'baton', status: 'warn', found: /does not say how/ },
    { name: 'app', status: 'fail', found: /a foreign SdkAppid is not refused/ },
    { name: 'signature', status: 'fail', found: /without a signature: HTTP 200.*with a wrong signature.*last week/ }
  ])
})

t.test('a callback is sent as Tencent sends it', async t => {
  const seen: { headers: string[], url: string | undefined, method: string | undefined }[] = []
  const port = await serve(t, ({ rawHeaders, url, method }, response) => {
    seen.push({ headers: rawHeaders.filter((_, at) => at % 2 === 0).map(name => name.toLowerCase()).sort(), url, method })
    response.writeHead(404).end()
  })
  await examine(`http://127.0.0.1:${port}/callbacks`)
  t.match(seen, [{ method: 'POST', headers: ['connection', 'content-length', 'host'], url: /^\/callbacks\?SdkAppid=1400000000&CallbackCommand=Baton\.Probe&contenttype=json&ClientIP=[\d.]+&OptPlatform=RESTAPI&RequestID=[\da-f-]+&Sign=[\da-f]{64}&RequestTime=\d{10}$/ }])
  t.equal(seen.length, 1)
})

t.test('the console gets the very URL, and a warning where the port may not be changed so', async t => {
  const steps = async (url: string) => (await examine(url, { resolver: { ...everywhere, here: async () => { throw new Error('offline') } } })).console.join('\n')
  t.match(await steps('https://chat.example.com/callbacks'), /exactly so: https:\/\/chat\.example\.com\/callbacks\n/)
  t.match(await steps('https://chat.example.com:4433/'), /not if port 443 stood there before/)
  t.match(await steps('https://chat.example.com:8080/'), /not if port 80 stood there before/)
  t.notMatch(await steps('https://chat.example.com:7080/'), /stood there before/)
  t.match(await steps('https://chat.example.com/'), /the one that stands in the relay file/)
  const secretive = await examine('https://me:hush@chat.example.com:1/callbacks?key=hush#hush')
  t.equal(secretive.url, 'https://chat.example.com:1/callbacks')
  t.notMatch(JSON.stringify(secretive), /hush/)
  t.match((await examine('http://localhost:1/callbacks', { tokens: [] })).console.join('\n'), /exactly so: https:\/\/<public host>\/callbacks\n[^]*a long random token/)
  t.match((await examine('https://chat.example.com:1/', { tunnelTo: 'https://127.0.0.1:7443/callbacks' })).tunnels, [{ command: 'cloudflared tunnel --url https://127.0.0.1:7443 --no-tls-verify' }, { command: 'ngrok http https://127.0.0.1:7443' }, { command: /:127\.0\.0\.1:7443 / }])
})
