import type { LookupAddress } from 'node:dns'
import { isIPv6 } from 'node:net'
import t, { type Test } from 'tap'
import { receiver } from '@baton/testing'
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

const pool = (t: Test, url: string, options: { network?: Network, lookup?: LookupAll, timeout?: number } = {}) => {
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
