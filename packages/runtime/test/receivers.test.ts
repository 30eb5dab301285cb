import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { certificate, connectProxy, freePort, receiver } from '@baton/testing'
import { addressRefusal } from '../src/address-refusal.ts'
import type { LookupAll } from '../src/guarded-connector.ts'
import { NoConnection, receiverPool, type Network } from '../src/index.ts'
import { problemOfReceiverUrl } from '../src/receiver-url.ts'

/** A resolver that knows these addresses, one list after the other, and how often it was asked. */
function resolver (...answers: string[][]) {
  const asked: string[] = []
  const lookup: LookupAll = (host, _options, callback) => {
    const addresses = answers[asked.length] ?? answers.at(-1) ?? []
    asked.push(host)
    setImmediate(() => { callback(null, addresses.map((address): LookupAddress => ({ address, family: isIPv6(address) ? 6 : 4 }))) })
  }
  return { lookup, asked }
}

const pool = (t: Test, url: string, options: { network?: Network, lookup?: LookupAll, timeout?: number, proxy?: string } = {}) => {
  const opened = receiverPool(url, { network: 'private', connections: 1, timeout: 5_000, ...options })
  t.teardown(async () => { await opened.close() })
  return async () => {
    const { statusCode, body } = await opened.post({ path: '/', headers: {}, body: Buffer.from('{}'), signal: AbortSignal.timeout(5_000) })
    await body.dump()
    return statusCode
  }
}

const metadata = ['100.100.100.200', 'fd00:100::100:200', '168.63.129.16', '192.0.0.192', 'fd00:c1::a9fe:a9fe', '100.96.0.96', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fd00:42::42', 'fd00:a9fe:a9fe::1']
const never = [
  '169.254.169.254', '169.254.0.23', '169.254.170.2', 'fe80::1', 'fe80::a9fe:a9fe', 'fe80::1%eth0', '224.0.0.1', 'ff02::1', '255.255.255.255', ...metadata,
  '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '::ffff:0:169.254.169.254', '64:ff9b::a9fe:a9fe', '64:ff9b::169.254.169.254', '2002:a9fe:a9fe::1', '::169.254.169.254',
  '64:ff9b:1:a9fe:a9:fe00::', '64:ff9b:1:a9:fe:a9fe::', '64:ff9b:1:0:a9:fea9:fe00:0', '64:ff9b:1::a9fe:a9fe', '::ffff:100.100.100.200', '64:ff9b::a83f:8110'
]
const local = ['127.0.0.1', '127.9.9.9', '::1', '0.0.0.0', '::', '10.0.0.7', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fc00::1', 'fd12:3456::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::a00:7', '2002:a00:7::1', '::127.0.0.1', '198.18.0.1', '192.0.2.1', '203.0.113.9', '240.0.0.1', '2001:db8::1', '2001::1', '64:ff9b:1::808:808', '::8.8.8.8', '4000::1', 'fec0::1']
const everybody = ['8.8.8.8', '101.32.1.1', '2400:3200::1', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808', '2002:808:808::1']

t.test('which addresses a receiver may have', async t => {
  for (const address of never) t.match([addressRefusal(address, 'private'), addressRefusal(address, 'public'), addressRefusal(address, 'any')], [/network: any/, /network: any/, undefined], address)
  for (const address of local) t.match([addressRefusal(address, 'private'), addressRefusal(address, 'public'), addressRefusal(address, 'any')], [undefined, /network: private/, undefined], address)
  for (const address of everybody) t.strictSame([addressRefusal(address, 'private'), addressRefusal(address, 'public'), addressRefusal(address, 'any')], [undefined, undefined, undefined], address)
  t.match(addressRefusal('crm.example', 'private'), 'is no address')
})

t.test('an address in a URL is looked at however it is spelled, before anything is sent', async t => {
  const { port } = new URL((await receiver(t)).url)
  for (const [host, network] of [
    ['169.254.169.254', 'private'], ['2852039166', 'private'], ['0xa9.0xfe.43518', 'private'], ['0251.0376.0251.0376', 'private'], ['[::ffff:169.254.169.254]', 'private'], ['[64:ff9b::a9fe:a9fe]', 'private'], ['[fe80::1]', 'private'],
    ['127.0.0.1', 'public'], ['2130706433', 'public'], ['0x7f.1', 'public'], ['127.1', 'public'], ['[::ffff:127.0.0.1]', 'public'], ['[::1]', 'public'], ['0', 'public'], ['１２７.0.0.1', 'public']
  ] as const) {
    const url = `http://${host}:${port}`
    const { lookup, asked } = resolver(['8.8.8.8'])
    await t.rejects(pool(t, url, { network, lookup })(), { constructor: NoConnection, code: 'address_refused', lasting: true }, url)
    t.strictSame(asked, [], 'nobody is asked where it is')
    t.match(problemOfReceiverUrl(url, network), /^its host is (not public|link-local).*; set network: /, `${url} is found in the settings`)
    t.equal(problemOfReceiverUrl(url, 'any'), undefined)
  }
  for (const host of ['localhost', 'crm.localhost', 'localhost.', 'LOCALHOST']) t.match([problemOfReceiverUrl(`http://${host}/`, 'public'), problemOfReceiverUrl(`http://${host}/`, 'private')], [/not public/, undefined], host)
  for (const host of ['localhost.example', 'notlocalhost', '8.8.8.8']) t.equal(problemOfReceiverUrl(`http://${host}/`, 'public'), undefined, host)
})

t.test('every address of a name is looked at: what is refused is left out, and where nothing is left nothing is sent', async t => {
  const server = await receiver(t)
  const url = `http://crm.example:${new URL(server.url).port}`
  t.equal(await pool(t, url, { lookup: resolver(['169.254.169.254', '127.0.0.1', 'fe80::1']).lookup })(), 200)
  await t.rejects(pool(t, url, { lookup: resolver(['169.254.169.254', 'fd00:ec2::254']).lookup })(), { code: 'address_refused', lasting: true, message: 'the host in url, crm.example, is at 169.254.169.254, which is link-local, multicast or a cloud\'s metadata service, where a request can be made to bring out credentials; set network: any if it is meant' })
  await t.rejects(pool(t, url, { network: 'public', lookup: resolver(['127.0.0.1', '::1', '10.0.0.1']).lookup })(), { code: 'address_refused', message: /127\.0\.0\.1.*network: private/ })
  await t.rejects(pool(t, url, { lookup: resolver([]).lookup })(), { code: 'address_refused', message: /has no address/ })
  const broken: LookupAll = (_host, _options, callback) => { callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []) }
  await t.rejects(pool(t, url, { lookup: broken })(), { code: 'ENOTFOUND' })
  t.equal(server.received.length, 1)
})

t.test('a name is resolved for each connection, and that answer is what is connected to: one that changes gains nothing', async t => {
  const server = await receiver(t)
  const url = `http://crm.example:${new URL(server.url).port}`
  const kept = resolver(['127.0.0.1'], ['169.254.169.254'])
  const post = pool(t, url, kept)
  t.strictSame([await post(), await post(), kept.asked.length], [200, 200, 1], 'a connection is kept open')
  server.answer = () => ({ status: 200, headers: { connection: 'close' } })
  const changing = resolver(['127.0.0.1'], ['169.254.169.254'], ['127.0.0.1'])
  const postAnew = pool(t, url, changing)
  t.equal(await postAnew(), 200)
  await t.rejects(postAnew(), { code: 'address_refused' })
  t.equal(await postAnew(), 200)
  t.equal(changing.asked.length, 3)
})

t.test('through a proxy: it is asked for the receiver by name, with credentials, and a connection serves many requests', async t => {
  const server = await receiver(t)
  const proxy = await connectProxy(t, { 'crm.example': Number(new URL(server.url).port) })
  const post = pool(t, 'http://crm.example', { proxy: proxy.url.replace('//', '//me:p%40ss%20w@') })
  t.strictSame([await post(), await post()], [200, 200])
  t.strictSame(proxy.asked, [{ host: 'crm.example:80', authorization: `Basic ${Buffer.from('me:p@ss w').toString('base64')}` }])
  t.match(server.received[0]?.headers, { host: 'crm.example', 'proxy-authorization': undefined }, 'the receiver sees nothing of it')
  const plain = pool(t, server.url, { proxy: proxy.url })
  t.equal(await plain(), 200)
  t.strictSame(proxy.asked.at(-1), { host: new URL(server.url).host, authorization: undefined })
})

t.test('through a proxy: TLS is spoken with the receiver itself, and its certificate is checked', async t => {
  const names: unknown[] = []
  const server = createTlsServer({ ...certificate({ hosts: ['crm.example'] }), SNICallback: (name, callback) => { names.push(name); callback(null) } }, (socket: TLSSocket) => { socket.destroy() }).listen(0, '127.0.0.1')
  server.on('tlsClientError', () => {})
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const address = server.address()
  const proxy = await connectProxy(t, { 'crm.example': typeof address === 'object' && address !== null ? address.port : 0 })
  await t.rejects(pool(t, 'https://crm.example/', { proxy: proxy.url })(), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  t.strictSame([proxy.asked.map(({ host }) => host), names], [['crm.example:443'], ['crm.example']])
})

t.test('a proxy that lets nothing through, is away or says nothing is told apart from the receiver', async t => {
  const server = await receiver(t)
  const proxy = await connectProxy(t)
  const post = pool(t, server.url, { proxy: proxy.url, timeout: 500 })
  for (const [answer, lasting, message] of [[407, true, /407, it asks for other credentials; mend those in proxy/], [403, true, /403, it does not let this receiver through/], [502, false, /502$/], [503, false, /503$/]] as const) {
    proxy.answer = answer
    await t.rejects(post(), { constructor: NoConnection, code: `proxy_${answer}`, lasting, message }, String(answer))
  }
  proxy.answer = 'hang'
  await t.rejects(post(), { constructor: NoConnection, code: 'proxy_unreachable', lasting: false, message: /UND_ERR_HEADERS_TIMEOUT/ })
  proxy.answer = 200
  t.equal(await post(), 200, 'and then it is mended')
  proxy.stop()
  const secret = pool(t, server.url, { proxy: `http://me:hush@127.0.0.1:${await freePort()}` })
  await t.rejects(secret(), { constructor: NoConnection, code: 'proxy_unreachable', lasting: false, message: /^the proxy cannot be reached \(ECONNREFUSED\)(?!.*hush)/ })
  t.equal(server.received.length, 1)
})

t.test('behind a proxy an address in the URL is looked at, and that of the proxy itself; names are the proxy\'s to resolve', async t => {
  const server = await receiver(t)
  const proxy = await connectProxy(t, { 'crm.example': Number(new URL(server.url).port) })
  await t.rejects(pool(t, 'http://169.254.169.254/', { proxy: proxy.url })(), { code: 'address_refused', message: /host in url/ })
  await t.rejects(pool(t, 'http://127.0.0.1/', { proxy: proxy.url, network: 'public' })(), { code: 'address_refused' })
  t.strictSame(proxy.asked, [])
  await t.rejects(pool(t, 'http://crm.example/', { proxy: 'http://169.254.169.254:3128' })(), { code: 'address_refused', message: /the host in proxy, 169\.254\.169\.254, is link-local/ })
  const { lookup, asked } = resolver(['127.0.0.1'])
  t.equal(await pool(t, 'http://crm.example/', { proxy: proxy.url.replace('127.0.0.1', 'proxy.example'), network: 'public', lookup })(), 200)
  t.strictSame(asked, ['proxy.example'])
})
