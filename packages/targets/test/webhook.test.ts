import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Webhook } from 'standardwebhooks'
import { RelayDocument, createLogger } from '@baton/runtime'
import { anEvent, connectProxy, freePort, receiver } from '@baton/testing'
import { checkSignature, examples, readCallbackQuery } from '@baton/contracts'
import { eventsInMemory, readTargets } from '../src/index.ts'
import { memory } from '../src/memory/memory.ts'
import { outcomeOfError } from '../src/webhook/outcome-of-error.ts'
import { webhook } from '../src/webhook/webhook.ts'
import { targetContract } from '../src/target-contract.ts'

const context = { name: 'crm', log: createLogger('test', 'silent'), embeddedPostgresPort: 0, concurrency: 10, timeout: 10_000 }
/** Where a server listens; it and its connections end with the test. */
async function listening (t: Test, server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', socket => sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

const opened = (settings: Partial<Parameters<typeof webhook.open>[0]> & { url: string }, context: Parameters<typeof webhook.open>[1]) => webhook.open({ style: 'baton', network: 'private', ...settings }, context)

const patient = (attempt = 1) => ({ signal: AbortSignal.timeout(10_000), attempt })

targetContract(t, 'webhook', async (t: Test) => {
  const poison = anEvent()
  const answer = ({ headers }: { headers: NodeJS.Dict<string | string[]> }) => headers['webhook-id'] === poison.id ? 422 : 200
  const server = await receiver(t, answer)
  return {
    open: context => opened({ url: server.url }, context),
    together: webhook.together,
    arrived: async () => new Set(server.received.map(({ headers }) => String(headers['webhook-id'])).filter(id => id !== poison.id)),
    poisoned: () => poison,
    hang: async () => {
      const before = server.received.length
      server.answer = () => 'hang'
      await server.untilReceived(before + 1)
      server.answer = answer
    },
    server: {
      stopMidway: async () => {
        let answered = 0
        server.answer = () => {
          if (++answered === 3) void server.stop()
          return answered < 3 ? 200 : 'hang'
        }
      },
      start: async () => {
        server.answer = answer
        await server.start()
      }
    }
  }
})

targetContract(t, 'memory', async () => {
  let opened = 0
  const names: string[] = []
  const idsAt = (name: string) => eventsInMemory(name).map(({ id }) => id)
  const forgotten: string[] = []
  return {
    open: context => {
      const name = `memory-${++opened}`
      names.push(name)
      const target = memory.open({ limit: 1_000 }, { ...context, name })
      return {
        ...target,
        close: async () => {
          forgotten.push(...idsAt(name))
          await target.close()
        }
      }
    },
    together: memory.together,
    arrived: async () => new Set([...forgotten, ...names.flatMap(idsAt)])
  }
})

for (const [status, outcome] of [
  [200, { kind: 'delivered' }], [202, { kind: 'delivered' }], [204, { kind: 'delivered' }],
  [408, { kind: 'retry', code: 'http_408', slow: undefined }], [425, { kind: 'retry' }], [429, { kind: 'retry', slow: undefined }], [500, { kind: 'retry' }], [503, { kind: 'retry' }],
  [400, { kind: 'reject', code: 'http_400' }], [413, { kind: 'reject' }], [422, { kind: 'reject' }], [409, { kind: 'reject' }],
  [401, { kind: 'retry', slow: true }], [403, { kind: 'retry', slow: true }], [404, { kind: 'retry', slow: true }], [405, { kind: 'retry', slow: true }], [410, { kind: 'retry', slow: true }]
] as const) {
  t.test(`webhook: ${status} is ${outcome.kind}${'slow' in outcome && outcome.slow ? ', slowly: the target itself is wrong' : ''}`, async t => {
    const { url } = await receiver(t, () => status)
    const target = opened({ url }, context)
    t.teardown(async () => { await target.close() })
    t.match(await target.deliver([anEvent()], patient()), [outcome])
  })
}

t.test('webhook: the receiver gets the bytes as they came, and headers that tell the rest', async t => {
  const { url, received } = await receiver(t)
  const secrets = [`whsec_${Buffer.alloc(24, 1).toString('base64')}`, `whsec_${Buffer.alloc(24, 2).toString('base64')}`]
  const target = opened({ url: `${url}/hooks/chat?tenant=1`, secrets }, context)
  t.teardown(async () => { await target.close() })
  const event = anEvent({ id: 'evt_1', receivedAt: 1_700_000_000_123, query: 'SdkAppid=1400000000&ClientIP=%3A%3A1' })
  event.body = Buffer.from('\uFEFF{ "Name" : "\u{1F600}" , "n": 144115212830834855 }')

  t.match(await target.deliver([event], patient(4)), [{ kind: 'delivered' }])

  const [request] = received
  t.equal(request?.path, '/hooks/chat?tenant=1')
  t.equal(request?.body.equals(event.body), true)
  t.match(request?.headers, {
    'webhook-id': 'evt_1',
    'webhook-timestamp': /^\d{10}$/,
    'baton-command': 'Group.CallbackAfterCreateGroup',
    'baton-app-id': '1400000000',
    'baton-received-at': '2023-11-14T22:13:20.123Z',
    'baton-attempt': '4',
    'baton-query': 'SdkAppid=1400000000&ClientIP=%3A%3A1',
    'content-type': 'application/json'
  })
  const headers = Object.fromEntries(Object.entries(request?.headers ?? {}).map(([name, value]) => [name, String(value)]))
  for (const secret of secrets) {
    t.doesNotThrow(() => new Webhook(secret).verify(request?.body ?? '', headers, { jsonParse: false }), 'each secret verifies')
  }
})

t.test('webhook: without secrets it is unsigned; a query above 8 KB is left out', async t => {
  const { url, received } = await receiver(t)
  const target = opened({ url }, context)
  t.teardown(async () => { await target.close() })
  await target.deliver([anEvent({ query: 'q='.padEnd(8_193, 'x') })], patient())
  t.notMatch(received[0]?.headers, { 'webhook-signature': String })
  t.notMatch(received[0]?.headers, { 'baton-query': String })
})

t.test('webhook: redirects are not followed', async t => {
  const other = await receiver(t)
  const { url } = await receiver(t, () => ({ status: 307, headers: { location: other.url } }))
  const target = opened({ url }, context)
  t.teardown(async () => { await target.close() })
  t.match(await target.deliver([anEvent()], patient()), [{ kind: 'retry', slow: true, code: 'http_307' }])
  t.equal(other.received.length, 0)
})

t.test('webhook: a receiver that hangs is a timeout, one that is not there a network error', async t => {
  const { url } = await receiver(t, () => 'hang')
  const hanging = opened({ url }, context)
  const nobody = opened({ url: `http://127.0.0.1:${await freePort()}` }, context)
  t.teardown(async () => { await hanging.close(); await nobody.close() })
  t.match(await hanging.deliver([anEvent()], { signal: AbortSignal.timeout(100), attempt: 1 }), [{ kind: 'retry', code: 'timeout' }])
  t.match(await nobody.deliver([anEvent()], patient()), [{ kind: 'retry', code: 'network_econnrefused' }])
})

t.test('webhook: the status is the whole answer, though its body never ends or breaks off', async t => {
  for (const after of [() => {}, (response: ServerResponse) => { response.destroy() }]) {
    const server = createServer((_, response) => {
      response.write('so far')
      setImmediate(() => after(response))
    })
    const target = opened({ url: await listening(t, server) }, context)
    t.teardown(async () => { await target.close() })
    t.same(await target.deliver([anEvent()], { signal: AbortSignal.timeout(5_000), attempt: 1 }), [{ kind: 'delivered' }])
  }
})

t.test('webhook: a connection that does not come about gives up its place in the pool', async t => {
  const silent = createTcpServer()
  const url = await listening(t, silent)
  const target = opened({ url: url.replace('http:', 'https:') }, { ...context, concurrency: 1, timeout: 500 })
  t.teardown(async () => { await target.close() })
  const [[socket]] = await Promise.all([once(silent, 'connection'), target.deliver([anEvent()], { signal: AbortSignal.timeout(50), attempt: 1 })])
  const signal = AbortSignal.timeout(8_000)
  const [next] = await Promise.all([target.deliver([anEvent()], { signal, attempt: 1 }), once(socket.resume(), 'close')])
  t.match(next, [{ kind: 'retry', code: 'timeout' }])
  t.equal(signal.aborted, false, 'it was the connection whose time was up')
})

t.test('webhook: a receiver at an address that network does not allow is retried slowly, and gets nothing', async t => {
  const server = await receiver(t)
  const named = opened({ url: server.url.replace('127.0.0.1', 'localhost'), network: 'public' }, context)
  const metadata = opened({ url: 'http://[::ffff:169.254.169.254]/latest/user-data' }, context)
  t.teardown(async () => { await Promise.all([named.close(), metadata.close()]) })
  t.match(await named.deliver([anEvent(), anEvent()], patient()), [1, 2].map(() => ({ kind: 'retry', slow: true, code: 'address_refused', reason: /localhost, is at .* which is not public; set network: private/ })))
  t.match(await metadata.deliver([anEvent()], patient()), [{ kind: 'retry', slow: true, code: 'address_refused', reason: /set network: any if it is meant/ }])
  t.equal(server.received.length, 0)
})

t.test('webhook: what the resolver does not know is retried slowly', async t => {
  t.match(outcomeOfError(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })), { kind: 'retry', slow: true, code: 'network_enotfound' })
  t.match(outcomeOfError(Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' })), { kind: 'retry', slow: undefined })
})

const problemsOf = async (target: string) => {
  const document = new RelayDocument('baton.yaml', `targets:\n  a:\n    ${target}\n`, name => ({ BROKEN: 'http://[', EMBEDDED: 'embedded' })[name])
  const targets = await readTargets(document)
  return { problems: document.problems, embedded: targets.map(({ needsEmbeddedPostgres }) => needsEmbeddedPostgres) }
}

t.test('webhook: headers of the operator\'s own are in each request, beside those of Baton', async t => {
  const server = await receiver(t)
  for (const style of ['baton', 'tencent'] as const) {
    const target = opened({ url: server.url, style, headers: { Authorization: 'Bearer hush', 'X-Tenant': '42' } }, context)
    t.teardown(async () => { await target.close() })
    await target.deliver([anEvent({ id: 'evt_1' })], patient())
    await target.test?.({ signal: AbortSignal.timeout(5_000), appId: 1, id: 'test_1' })
    const [delivered, tested] = server.received.slice(-2)
    t.match([delivered?.headers, tested?.headers], [1, 2].map(() => ({ authorization: 'Bearer hush', 'x-tenant': '42', 'content-type': 'application/json' })), style)
  }
  t.match(server.received[0]?.headers, { 'webhook-id': 'evt_1', 'user-agent': 'Baton' })
})

t.test('headers that cannot be are refused when the relay file is read, without telling their values', async t => {
  const refused = async (headers: string) => (await problemsOf(`{ type: webhook, url: "https://crm.example/", headers: ${headers} }`)).problems
  for (const name of ['webhook-id', 'Baton-Query', 'Content-Type', 'content-length', 'HOST', 'Connection', 'keep-alive', 'transfer-encoding', 'TE', 'trailer', 'Upgrade', 'Expect', 'User-Agent', 'Proxy-Authorization', 'Accept-Encoding', 'date']) {
    t.match(await refused(`{ X-A: b, ${name}: hush }`), { 0: new RegExp(`^baton\\.yaml:3:\\d+ targets\\.a\\.headers\\.${name}: is set by Baton, or by HTTP itself(?!.*hush)`), length: 1 }, name)
  }
  for (const name of ['"X A"', '"X:"', '"é"', '""', '"a\\nb"', '__proto__', 'x'.repeat(65)]) t.match(await refused(`{ ${name}: hush }`), { 0: /headers\..*(?:cannot stand here as a key|A value has)(?!.*hush)|headers.*cannot stand/s, length: 1 }, name)
  for (const value of ['"hush\\r\\nX-B: c"', '"hush\\0"', '" hush"', '"hush "', '"hush\\n"', '""', '"hüsh"', '"hush 😀"', `"${'h'.repeat(4_097)}"`]) t.match(await refused(`{ X-A: ${value} }`), { 0: /targets\.a\.headers\.X-A: (?!.*hush)/, length: 1 }, value.slice(0, 20))
  t.match(await refused('{ X-A: 42 }'), [/headers\.X-A: must be text/])
  t.match(await refused('{ X-A: a, x-a: b }'), [/headers\.x-a: stands here twice/])
  t.match(await refused('{}'), [/headers: name at least one header/])
  t.match(await refused(`{ ${Array.from({ length: 21 }, (_, nth) => `X-${nth}: a`).join(', ')} }`), [/headers: has more than 20 entries/])
  t.match(await refused(`{ ${[1, 2, 3].map(nth => `X-${nth}: ${'h'.repeat(4_000)}`).join(', ')} }`), [/targets\.a\.headers: have 12009 bytes together/])
  t.same(await refused(`{ Authorization: "Bearer a b", X_Y.z: "${'h'.repeat(4_096)}", Cookie: "a=b; c=d" }`), [])
})

t.test('a value of a header comes from the environment, and is seen nowhere', async t => {
  const document = new RelayDocument('baton.yaml', 'targets:\n  a: { type: webhook, url: "https://crm.example/", headers: { Authorization: "Bearer ${TOKEN}" } }\n', name => ({ TOKEN: 'hush' })[name])
  const [configured] = await readTargets(document)
  t.match(configured, { description: { to: 'https://crm.example/', signed: false } })
  t.notMatch(JSON.stringify([configured, document.problems, document.warnings]), /hush/)
})

t.test('webhook: a proxy that asks for other credentials is the target\'s own trouble, one that is away passes', async t => {
  const server = await receiver(t)
  const proxy = await connectProxy(t)
  const target = opened({ url: server.url, proxy: proxy.url.replace('//', '//me:hush@') }, context)
  t.teardown(async () => { await target.close() })
  t.match(await target.deliver([anEvent()], patient()), [{ kind: 'delivered' }])
  proxy.answer = 407
  await server.stop() // so that the connection that is there serves no longer
  await server.start()
  const outcomes = async (): Promise<unknown> => {
    const [outcome] = await target.deliver([anEvent()], patient())
    return outcome?.kind === 'retry' && outcome.code.startsWith('network_') ? await outcomes() : outcome
  }
  t.match(await outcomes(), { kind: 'retry', slow: true, code: 'proxy_407', reason: /credentials(?!.*hush)/ })
  proxy.stop()
  t.match(await outcomes(), { kind: 'retry', slow: undefined, code: 'proxy_unreachable' })
})

t.test('a proxy that cannot be one is refused when the relay file is read, without telling what it holds', async t => {
  const refused = async (proxy: string) => (await problemsOf(`{ type: webhook, url: "https://crm.example/", proxy: "${proxy}" }`)).problems
  for (const proxy of ['http://me:hush@[', 'http://me:hush%zz@proxy:3128', 'https://me:hush@proxy:3128', 'socks5://me:hush@proxy', 'http://me:hush@proxy/path', 'me:hush@proxy:3128']) {
    t.match(await refused(proxy), { 0: /^baton\.yaml:3:\d+ targets\.a\.proxy: (?!.*hush)/, length: 1 }, proxy)
  }
  for (const proxy of ['http://proxy:3128', 'http://proxy/', 'http://me:p%40ss@10.0.0.1:3128', 'http://me@proxy']) t.same(await refused(proxy), [], proxy)
})

t.test('urls that cannot work are found when the relay file is read, without telling what they hold', async t => {
  t.match(await problemsOf('{ type: webhook, url: "http://[" }'), { problems: [/^baton\.yaml:3:22 targets\.a\.url: is no URL/] })
  t.match(await problemsOf('{ type: webhook, url: "${BROKEN}" }'), { problems: [/targets\.a\.url: is no URL/] })
  t.match(await problemsOf('{ type: webhook, url: "https://me:hush@crm.example/" }'), { problems: [/^baton\.yaml:3:22 targets\.a\.url: has a user or password(?!.*hush)/] })
  t.match(await problemsOf('{ type: webhook, url: "http://2852039166/" }'), { problems: [/^baton\.yaml:3:22 targets\.a\.url: its host is link-local, .*; set network: any/] })
  t.match(await problemsOf('{ type: webhook, url: "http://10.0.0.1/", network: public }'), { problems: [/^baton\.yaml:3:22 targets\.a\.url: its host is not public/] })
  t.match(await problemsOf('{ type: webhook, url: "http://10.0.0.1/", network: all }'), { problems: [/targets\.a\.network: .*private, public or any/] })
  t.match(await problemsOf('{ type: webhook, url: "http://169.254.169.254/", network: any }'), { problems: [] })
  t.match(await problemsOf('{ type: postgres, url: "postgres://me:hush@[" }'), { problems: [/^baton\.yaml:3:23 targets\.a\.url: is no URL(?!.*hush)/] })
  t.same(await problemsOf('{ type: postgres, url: "postgres://me:hush@db/chat" }'), { problems: [], embedded: [false] })
  t.same(await problemsOf('{ type: postgres, url: "${EMBEDDED}" }'), { problems: [], embedded: [true] })
  t.same(await problemsOf('{ type: webhook, url: "https://crm.example/@me" }'), { problems: [], embedded: [false] })
})

t.test('memory: only the newest events are kept', async t => {
  const target = memory.open({ limit: 2 }, { ...context, name: 'small' })
  const events = [anEvent(), anEvent(), anEvent()]
  await target.deliver(events, patient())
  t.same(eventsInMemory('small').map(({ id }) => id), events.slice(1).map(({ id }) => id))
  await target.close()
  t.same(eventsInMemory('small'), [])
})

t.test('style tencent: the receiver gets what Tencent would send now, query and bytes, signed afresh', async t => {
  const server = await receiver(t, () => ({ status: 200, body: '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}' }))
  const query = 'SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateTopic&contenttype=json&ClientIP=1.2.3.4&a=%23+b&RequestTime=1600000000'
  for (const [url, token] of [[`${server.url}/hook`, 'secret'], [`${server.url}/hook?own=1`, 'secret'], [`${server.url}/hook`, undefined]] as const) {
    const target = opened({ url, style: 'tencent', ...(token !== undefined && { token }) }, context)
    t.teardown(async () => { await target.close() })
    const event = anEvent({ command: 'Group.CallbackAfterCreateTopic', query, body: { Name: 'ünïcode 😀' } })
    t.same(await target.deliver([event], patient()), [{ kind: 'delivered' }])
    const got = server.received.at(-1)
    t.ok(got?.body.equals(event.body), 'the same bytes')
    const path = String(got?.path)
    t.match(path, url.endsWith('own=1') ? /^\/hook\?own=1&SdkAppid=/ : /^\/hook\?SdkAppid=/)
    t.match(path, 'SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateTopic&contenttype=json&ClientIP=1.2.3.4&a=%23+b')
    t.notMatch(path, '1600000000')
    const verdict = checkSignature(['secret'], readCallbackQuery(path.slice(path.indexOf('?'))), Date.now())
    t.equal(verdict, token === undefined ? 'sign-missing' : 'valid')
    t.notMatch(Object.keys(got?.headers ?? {}).join(' '), /baton|webhook/)
  }
})

t.test('style tencent: only 200 with an envelope of code 0 is a delivery', async t => {
  const ok = '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}'
  let answer = { status: 200, body: ok }
  const server = await receiver(t, () => answer)
  const target = opened({ url: server.url, style: 'tencent' }, context)
  const lenient = opened({ url: server.url, style: 'tencent', acceptEmpty: true }, context)
  t.teardown(async () => { await Promise.all([target.close(), lenient.close()]) })
  const cases = [
    { status: 200, body: ok, outcome: { kind: 'delivered' } },
    { status: 200, body: '{"ErrorCode":0}', outcome: { kind: 'delivered' } },
    { status: 200, body: '{"ActionStatus":"FAIL","ErrorInfo":"no","ErrorCode":1}', outcome: { kind: 'retry', code: 'envelope_1' } },
    { status: 200, body: '{"ActionStatus":"FAIL","ErrorCode":0}', outcome: { kind: 'retry', code: 'no_envelope' } },
    { status: 200, body: '<html>', outcome: { kind: 'retry', code: 'no_envelope' } },
    { status: 200, body: `"${'x'.repeat(100_000)}"`, outcome: { kind: 'retry', code: 'no_envelope' } },
    { status: 200, body: '', outcome: { kind: 'retry', code: 'no_envelope' }, lenient: { kind: 'delivered' } },
    { status: 204, body: '', outcome: { kind: 'retry', code: 'http_204' }, lenient: { kind: 'delivered' } },
    { status: 202, body: ok, outcome: { kind: 'retry', code: 'http_202' } },
    { status: 500, body: ok, outcome: { kind: 'retry', code: 'http_500' } },
    { status: 400, body: ok, outcome: { kind: 'reject', code: 'http_400' } }
  ]
  for (const { outcome, lenient: lenientOutcome = outcome, ...given } of cases) {
    answer = given
    t.match(await target.deliver([anEvent()], patient()), [outcome], JSON.stringify(given).slice(0, 80))
    t.match(await lenient.deliver([anEvent()], patient()), [lenientOutcome])
  }
  answer = { status: 200, body: '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":10101}' }
  const before = anEvent({ command: 'Group.CallbackBeforeSendMsg', body: examples['Group.CallbackBeforeSendMsg'] })
  t.match(await target.deliver([before], patient()), [{ kind: 'delivered' }], 'of a before-command any code is an answer')
})

t.test('what a receiver says of a failure is told with it, within bounds', async t => {
  let reply: { status: number, headers?: Record<string, string>, body?: string | Buffer } = { status: 200 }
  const server = createServer((_, response) => { response.writeHead(reply.status, reply.headers).end(reply.body) })
  const url = await listening(t, server)
  for (const style of ['baton', 'tencent'] as const) {
    const target = opened({ url, style, headers: { Authorization: 'Bearer hush-hush', 'X-Tenant': '42' } }, context)
    t.teardown(async () => { await target.close() })
    const answerTo = async (next: typeof reply) => {
      reply = next
      const [outcome] = await target.deliver([anEvent()], patient())
      return outcome?.kind === 'delivered' ? 'delivered' : outcome?.answer
    }
    for (const status of [302, 400, 401, 429, 503]) t.equal(await answerTo({ status, body: ' {"error":"Ada\u001b[31m"}\n' }), '{"error":"Ada\u001b[31m"}', `${style} ${status}`)
    t.equal(await answerTo({ status: 400 }), undefined)
    t.equal(await answerTo({ status: 400, body: ' \n' }), undefined)
    t.equal(await answerTo({ status: 400, body: '😀'.repeat(10_000) }), '😀'.repeat(500))
    t.equal(await answerTo({ status: 400, body: 'x'.repeat(10_000_000) }), 'x'.repeat(500), 'of a long one the beginning')
    t.equal(await answerTo({ status: 400, body: Buffer.from([0x61, 0xFF, 0x62, 0x00]) }), 'a\ufffdb\0', 'what is no UTF-8')
    t.equal(await answerTo({ status: 400, body: Buffer.from([0x61, 0xF0, 0x9F]) }), 'a', 'what is cut off within a character')
    t.equal(await answerTo({ status: 400, headers: { 'content-encoding': 'gzip' }, body: Buffer.from([0x1F, 0x8B]) }), undefined)
    t.equal(await answerTo({ status: 401, body: 'authorization: Bearer hush-hush, "hush-hush" of tenant 42' }), 'authorization: ***, "***" of tenant 42', 'the own headers are cut out of it')
    t.equal(await answerTo({ status: 401, body: `${'x'.repeat(495)}hush-hush` }), `${'x'.repeat(495)}***`, 'also where only a part of it would be left')
    t.equal(await answerTo({ status: 204 }), style === 'baton' ? 'delivered' : undefined)
    t.equal(await answerTo({ status: 200, body: 'fine' }), style === 'baton' ? 'delivered' : 'fine')
    t.equal(await answerTo({ status: 200, body: '{"ErrorCode":1,"ErrorInfo":"no Ada"}' }), style === 'baton' ? 'delivered' : '{"ErrorCode":1,"ErrorInfo":"no Ada"}')
  }
})

t.test('what a receiver says is not waited for: an answer that goes on, or breaks off, is what came of it by then', async t => {
  for (const after of [() => {}, (response: ServerResponse) => { response.destroy() }]) {
    const server = createServer((_, response) => {
      response.writeHead(400).write('so far')
      setImmediate(() => after(response))
    })
    const target = opened({ url: await listening(t, server) }, context)
    t.teardown(async () => { await target.close() })
    t.match(await target.deliver([anEvent()], { signal: AbortSignal.timeout(5_000), attempt: 1 }), [{ kind: 'reject', code: 'http_400', answer: 'so far' }])
  }
})

t.test('style tencent: another status than 2xx is the whole answer, though its body breaks off', async t => {
  let status = 0
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-length': 100 }).write('{"Error')
    setImmediate(() => response.destroy())
  })
  const target = opened({ url: await listening(t, server), style: 'tencent' }, context)
  t.teardown(async () => { await target.close() })
  for (const [answered, outcome] of [[400, { kind: 'reject', code: 'http_400' }], [401, { kind: 'retry', slow: true, code: 'http_401' }], [500, { kind: 'retry', code: 'http_500' }], [200, { kind: 'retry', code: /^network_/ }]] as const) {
    status = answered
    t.match(await target.deliver([anEvent()], patient()), [outcome], String(answered))
  }
})

t.test('an answer is read no further than an envelope may reach', async t => {
  let written = (_bytes: number) => {}
  const closed = new Promise<number>(resolve => { written = resolve })
  const server = createServer((request, response) => {
    const fill = () => { while (!response.destroyed && response.write(Buffer.alloc(65_536, ' '))); }
    response.writeHead(200).on('drain', fill).on('close', () => { written(request.socket.bytesWritten) })
    fill()
  })
  const target = opened({ url: await listening(t, server), style: 'tencent' }, context)
  t.teardown(async () => { await target.close() })
  t.match(await target.deliver([anEvent()], patient()), [{ kind: 'retry', code: 'no_envelope' }])
  t.ok(await closed < 100_000_000, 'and the connection is closed')
})

t.test('Retry-After, in seconds or as a date, asks for a rest; of another status, or where it says nothing, it is passed over', async t => {
  const answers: Array<[number, string | undefined, object]> = [
    [429, '7', { code: 'http_429', holdFor: 7_000 }],
    [503, ' 2 ', { code: 'http_503', holdFor: 2_000 }],
    [503, new Date(Date.now() + 90_000).toUTCString(), { holdFor: Number }],
    [429, '99999999', { holdFor: 3_600_000 }],
    [503, new Date(0).toUTCString(), { holdFor: undefined }],
    [503, 'soon', { holdFor: undefined }],
    [503, undefined, { holdFor: undefined }],
    [500, '7', { code: 'http_500', holdFor: undefined }],
    [302, '7', { holdFor: undefined }]
  ]
  let answer = answers[0]
  const server = await receiver(t, () => ({ status: answer?.[0] ?? 0, ...answer?.[1] !== undefined && { headers: { 'retry-after': answer[1] } } }))
  for (const style of ['baton', 'tencent'] as const) {
    const target = opened({ url: server.url, style }, context)
    t.teardown(async () => { await target.close() })
    for (answer of answers) t.match(await target.deliver([anEvent()], patient()), [{ kind: 'retry', ...answer[2] }], String(answer))
  }
})

t.test('style baton tells what was decided about a before-callback', async t => {
  const server = await receiver(t, () => 200)
  const target = opened({ url: server.url }, context)
  t.teardown(async () => { await target.close() })
  await target.deliver([anEvent({ command: 'Group.CallbackBeforeSendMsg', decision: { verdict: 'deny', by: 'endpoint', answer: '{}', took: 36.6 } })], patient())
  t.equal(server.received.at(-1)?.headers['baton-decision'], 'deny; by=endpoint; took=37')
})

t.test('a setting of the other style is refused', async t => {
  t.match(await problemsOf('{ type: webhook, url: "https://crm.example/", style: tencent, secrets: ["whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"] }'), { problems: [/secrets: belongs to style baton/] })
  t.match(await problemsOf('{ type: webhook, url: "https://crm.example/", token: t }'), { problems: [/token: belongs to style tencent/] })
  t.match(await problemsOf('{ type: webhook, url: "https://crm.example/", acceptEmpty: true }'), { problems: [/acceptEmpty: belongs to style tencent/] })
  t.match(await problemsOf('{ type: webhook, url: "https://crm.example/", style: other }'), { problems: [/style/] })
})
