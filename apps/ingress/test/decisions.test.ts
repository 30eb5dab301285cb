import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Envelope, examples, signatureOf, type Event } from '@baton/contracts'
import { RelayDocument, createLogger, readApps } from '@baton/runtime'
import { Value } from '@sinclair/typebox/value'
import { pino } from 'pino'
import { anEvent, receiver, type Answer } from '@baton/testing'
import { connectionLimits, type ConnectionLimits } from '../src/connection-limits.ts'
import { Breaker } from '../src/decide/breaker.ts'
import { DecisionEndpoint } from '../src/decide/endpoint.ts'
import { sparingLog } from '../src/sparing-log.ts'
import { listening, metricsWithout } from './listening.ts'

const before = 'Group.CallbackBeforeSendMsg'
const envelope = (fields: object = {}) => ({ ActionStatus: 'OK', ErrorInfo: '', ErrorCode: 0, ...fields })
const says = (answer: unknown): Answer => () => ({ status: 200, body: typeof answer === 'string' ? answer : JSON.stringify(answer) })

/** An ingress over real HTTP whose app has these decisions, as the relay file writes them. */
async function ingress (t: Test, decisions: object[], { append, limits = connectionLimits }: { append?: (event: Event) => Promise<void>, limits?: ConnectionLimits } = {}) {
  const document = new RelayDocument('baton.yaml', JSON.stringify({ apps: [{ sdkAppId: 1400000000, decisions }], targets: {} }), () => undefined)
  const apps = readApps(document) ?? []
  t.same(document.problems, [])
  const events: Event[] = []
  const lines: Array<Record<string, unknown>> = []
  const log = pino({ level: 'warn' }, { write: (line: string) => { lines.push(JSON.parse(line)) } })
  const metrics = metricsWithout()
  const { url } = await listening(t, { apps, append: append ?? (async event => { events.push(event) }), limits, metrics, log })
  const post = async (command: string = before, body: object | string = Reflect.get(examples, command)) => {
    const response = await fetch(`${url}/?${new URLSearchParams({ SdkAppid: '1400000000', CallbackCommand: command, contenttype: 'json' }).toString()}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
    const text = await response.text()
    Value.Parse(Envelope, JSON.parse(text))
    return { status: response.status, text, answer: JSON.parse(text) as Record<string, unknown> }
  }
  return { url, post, events, lines, metrics }
}

t.test('the answer of an endpoint goes to Tencent as it came, and travels with the event', async t => {
  const server = await receiver(t, says('{"ErrorCode":10101, "ActionStatus":"OK","ErrorInfo":"no"}'))
  const { post, events, metrics } = await ingress(t, [{ commands: ['Group.CallbackBefore*'], url: `${server.url}/decide?own=1`, style: 'tencent', token: 'secret' }])
  const { status, text } = await post()
  t.same({ status, text }, { status: 200, text: '{"ErrorCode":10101, "ActionStatus":"OK","ErrorInfo":"no"}' })
  t.match(events, [{ command: before, decision: { verdict: 'deny', by: 'endpoint', answer: text, took: Number } }])
  const [asked] = server.received
  t.same(JSON.parse(String(asked?.body)), examples[before])
  const query = new URL(String(asked?.path), server.url).searchParams
  t.equal(query.get('Sign'), signatureOf('secret', String(query.get('RequestTime'))))
  t.equal(query.get('CallbackCommand'), before)
  t.equal(query.get('own'), '1')
  t.match(await metrics.text(), 'baton_decisions_total{app="1400000000",mode="live",outcome="deny"} 1')
  t.match(await metrics.text(), 'baton_decision_seconds_count{app="1400000000"} 1')
})

t.test('the first endpoint whose patterns match is asked; where none does the callback is allowed at once', async t => {
  const [first, second] = [await receiver(t, says(envelope())), await receiver(t, says(envelope({ ErrorCode: 1 })))]
  const { post, events } = await ingress(t, [{ commands: ['C2C.*'], url: first.url }, { commands: ['C2C.*', before], url: second.url, secrets: ['whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz'] }])
  t.match(await post('C2C.CallbackBeforeSendMsg'), { answer: { ErrorCode: 0 } })
  t.match(await post(before), { answer: { ErrorCode: 1 } })
  t.match(await post('Group.CallbackBeforeCreateGroup'), { text: '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}' })
  t.match(await post('Sns.CallbackPrevFriendAdd'), { answer: { ErrorCode: 0, ResultItem: [{ To_Account: 'id1', ResultCode: 0 }, { To_Account: 'id2', ResultCode: 0 }] } })
  t.match(await post('Group.CallbackAfterCreateGroup'), { answer: { ErrorCode: 0 } }, 'nobody is asked about what has happened')
  t.same([first.received.length, second.received.length], [1, 1])
  t.match(second.received[0]?.headers, { 'baton-command': before, 'webhook-signature': /^v1,/, 'webhook-id': events[1]?.id })
  t.same(events.map(({ decision }) => decision?.by), ['endpoint', 'endpoint', undefined, undefined, undefined])
})

t.test('a replacement of the message, and refused members, reach Tencent', async t => {
  const server = await receiver(t)
  const { post } = await ingress(t, [{ commands: ['*'], url: server.url }])
  for (const [command, fields] of [
    [before, { MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: '*** 😀' } }], CloudCustomData: 'x' }],
    ['Group.CallbackBeforeInviteJoinGroup', { RefusedMembers_Account: ['jared'] }],
    ['OfficialAccount.CallbackBeforeAddSubscriber', { RefusedSubscribers_Account: ['jared'] }],
    ['Sns.CallbackPrevFriendAdd', { ResultItem: [{ To_Account: 'id1', ResultCode: 0, ResultInfo: '' }, { To_Account: 'id2', ResultCode: 38001, ResultInfo: 'no' }] }]
  ] as const) {
    server.answer = says(envelope(fields))
    t.same((await post(command)).answer, envelope(fields), command)
  }
})

t.test('an endpoint whose name leads to an address that network does not allow is not asked', async t => {
  const server = await receiver(t)
  const endpoint = new DecisionEndpoint({ commands: ['*'], url: server.url.replace('127.0.0.1', 'localhost'), network: 'public', style: 'baton', deadline: 1_000, fallback: 'allow', mode: 'live', concurrency: 1 })
  t.teardown(async () => { await endpoint.close() })
  t.match(await endpoint.ask(anEvent({ command: before }), examples[before], 1_000), { failure: 'unreachable', problem: /localhost, is at .* not public; set network: private/ })
  t.equal(server.received.length, 0)
})

t.test('an endpoint that fails in any way gets the fallback within the deadline, a line and a count', async t => {
  const server = await receiver(t)
  const deaf = createTcpServer(socket => { socket.on('error', () => {}) }).listen(0, '127.0.0.1')
  const cutting = createTcpServer(socket => { socket.on('error', () => {}).once('data', () => socket.destroy()) }).listen(0, '127.0.0.1')
  const endless = createServer((_request, response) => {
    response.writeHead(200)
    const fill = () => { while (!response.destroyed && response.write(Buffer.alloc(65_536, ' '))); }
    response.on('drain', fill)
    fill()
  }).listen(0, '127.0.0.1')
  t.teardown(() => { for (const one of [deaf, cutting, endless]) one.close(); endless.closeAllConnections() })
  await Promise.all([deaf, cutting, endless].map(async one => one.listening || await once(one, 'listening')))
  const at = (one: typeof deaf) => `http://127.0.0.1:${(one.address() as { port: number }).port}/`
  const cases: Array<{ title: string, url: string, answer?: Answer, outcome: string, problem: RegExp }> = [
    { title: 'slow', url: server.url, answer: () => 'hang', outcome: 'timeout', problem: /within 300 ms/ },
    { title: 'accepts and never answers', url: at(deaf), outcome: 'timeout', problem: /within 300 ms/ },
    { title: 'closes without an answer', url: at(cutting), outcome: 'unreachable', problem: /cannot be reached \(UND_ERR_SOCKET|ECONNRESET/ },
    { title: 'dead', url: 'http://127.0.0.1:1/', outcome: 'unreachable', problem: /ECONNREFUSED/ },
    { title: 'unknown host', url: 'http://nobody.invalid/', outcome: 'unreachable', problem: /ENOTFOUND|EAI_AGAIN/ },
    { title: '500', url: server.url, answer: () => ({ status: 500, body: JSON.stringify(envelope()) }), outcome: 'unreachable', problem: /answered 500/ },
    { title: '404', url: server.url, answer: () => ({ status: 404, body: JSON.stringify(envelope()) }), outcome: 'status', problem: /answered 404/ },
    { title: 'a redirect', url: server.url, answer: () => ({ status: 302, headers: { location: '/' } }), outcome: 'status', problem: /answered 302/ },
    { title: '204', url: server.url, answer: () => 204, outcome: 'status', problem: /answered 204/ },
    { title: 'HTML', url: server.url, answer: says('<html>secret</html>'), outcome: 'invalid', problem: /no JSON object/ },
    { title: 'nothing', url: server.url, answer: says(''), outcome: 'invalid', problem: /no JSON object/ },
    { title: '10 MB', url: server.url, answer: says(JSON.stringify(envelope({ filling: 'x'.repeat(10_000_000) }))), outcome: 'invalid', problem: /more than 65536 bytes/ },
    { title: 'without an end', url: at(endless), outcome: 'invalid', problem: /more than 65536 bytes/ },
    { title: 'a code out of range', url: server.url, answer: says(envelope({ ErrorCode: 10201 })), outcome: 'invalid', problem: /^ErrorCode/ },
    { title: 'a replacement of the wrong shape', url: server.url, answer: says(envelope({ MsgBody: 'secret' })), outcome: 'invalid', problem: /^MsgBody/ }
  ]
  for (const fallback of ['allow', 'deny'] as const) {
    for (const { title, url, answer, outcome, problem } of cases) {
      if (answer !== undefined) server.answer = answer
      const { post, events, lines, metrics } = await ingress(t, [{ commands: ['*'], url, deadline: '300ms', fallback }])
      const started = performance.now()
      t.match(await post(), { status: 200, answer: envelope({ ErrorCode: fallback === 'deny' ? 1 : 0 }) }, `${title}: ${fallback}`)
      t.ok(performance.now() - started < 1_800, title)
      t.match(events, [{ decision: { verdict: fallback, by: 'fallback', problem, took: Number } }], title)
      t.match(lines, [{ level: 50, alert: 'DECISION_FALLBACK', failure: outcome, problem, command: before }], title)
      t.notMatch(JSON.stringify(lines), /secret/)
      t.match(await metrics.text(), `baton_decisions_total{app="1400000000",mode="live",outcome="${outcome}"} 1`, title)
    }
  }
})

t.test('the deadline holds for calls that wait for a connection, too', async t => {
  const deaf = createTcpServer(socket => { socket.on('error', () => {}) }).listen(0, '127.0.0.1')
  await once(deaf, 'listening')
  t.teardown(() => { deaf.close() })
  const { post, events } = await ingress(t, [{ commands: ['*'], url: `https://127.0.0.1:${(deaf.address() as { port: number }).port}/`, deadline: '200ms', concurrency: 2, fallback: 'deny' }])
  await Promise.all(Array.from({ length: 4 }, async () => { t.match(await post(), { answer: { ErrorCode: 1 } }) }))
  for (const { decision } of events) t.match(decision, { problem: /within 200 ms/ })
  t.ok(events.every(({ decision }) => (decision?.took ?? Infinity) < 450), String(events.map(({ decision }) => decision?.took)))
  await Promise.all(Array.from({ length: 4 }, async () => await post()))
  t.notOk(events.some(({ decision }) => /are waiting/.test(decision?.problem ?? '')), 'a call that is over takes no place')
})

t.test('a decision is told in time, however long the disk takes', async t => {
  const server = await receiver(t, says(envelope({ ErrorCode: 10150 })))
  let keep = () => {}
  let fail = (_error: Error) => {}
  const hanging = () => new Promise<void>((resolve, reject) => { keep = resolve; fail = reject })
  const { post, metrics } = await ingress(t, [{ commands: [before], url: server.url }], { append: hanging, limits: { ...connectionLimits, decision: 300 } })
  t.match(await post(), { status: 200, answer: { ErrorCode: 10150 } })
  keep()
  t.match(await post('C2C.CallbackBeforeSendMsg'), { answer: { ErrorCode: 0 } }, 'also where nobody was asked')
  fail(new Error('the disk is full'))
  await new Promise(resolve => { setImmediate(resolve) })
  t.match(await metrics.text(), 'baton_before_callbacks_unkept_total 1')
})

t.test('the fallback of friend requests decides for each account', async t => {
  const { post, events } = await ingress(t, [{ commands: ['Sns.*'], url: 'http://127.0.0.1:1/', fallback: 'deny' }])
  t.match(await post('Sns.CallbackPrevFriendResponse'), { answer: { ErrorCode: 0, ResultItem: [{ To_Account: 'id1', ResultCode: 38000 }, { To_Account: 'id2', ResultCode: 38000 }] } })
  t.match(events[0]?.decision, { verdict: 'deny', by: 'fallback' })
  t.match(await post('Sns.CallbackPrevFriendAdd', { ...examples['Sns.CallbackPrevFriendAdd'], FriendItem: [] }), { answer: { ErrorCode: 0, ResultItem: [] } })
  t.match(events[1]?.decision, { verdict: 'allow', by: 'fallback' }, 'nobody was denied, and that is what is told')
})

t.test('in shadow the endpoint is asked and its answer recorded, and Tencent is told to allow', async t => {
  const server = await receiver(t, says(envelope({ ErrorCode: 1 })))
  const { post, events, metrics, lines } = await ingress(t, [{ commands: ['*'], url: server.url, mode: 'shadow', fallback: 'deny' }])
  t.match(await post(), { answer: { ErrorCode: 0 } })
  t.match(events, [{ decision: { verdict: 'allow', by: 'shadow', answer: /"ErrorCode":1/ } }])
  server.answer = () => 500
  t.match(await post(), { answer: { ErrorCode: 0 } })
  t.match(events[1], { decision: { verdict: 'allow', by: 'shadow', answer: undefined, problem: /500/ } })
  t.match(await metrics.text(), 'baton_decisions_total{app="1400000000",mode="shadow",outcome="deny"} 1')
  t.match(lines, [{ alert: 'DECISION_FALLBACK', mode: 'shadow', msg: /told to allow/ }])
  t.match(await post(before, '{"broken'), { answer: { ErrorCode: 0 } }, 'also where the body cannot be read, whatever the fallback')
})

t.test('a decision is given where the event cannot be kept or is unfit, and the endpoint is asked where the body can be read', async t => {
  const server = await receiver(t, says(envelope({ ErrorCode: 10150 })))
  const full = await ingress(t, [{ commands: ['*'], url: server.url }], { append: async () => { throw new Error('the disk is full') } })
  t.match(await full.post(), { status: 200, answer: { ErrorCode: 10150 } })
  const { post, events } = await ingress(t, [{ commands: ['*'], url: server.url, fallback: 'deny' }])
  t.match(await post(before, { ...examples[before], GroupId: 7 }), { status: 200, answer: { ErrorCode: 10150 } }, 'an unfit field')
  t.match(await post(before, '{"broken'), { status: 200, answer: { ErrorCode: 1 } }, 'no JSON: the fallback')
  t.equal(server.received.length, 2)
  t.same(events, [], 'neither is relayed')
})

t.test('an endpoint that fails again and again is parked, asked now and then, and used as soon as it answers', async t => {
  const server = await receiver(t, () => 503)
  const { post, events } = await ingress(t, [{ commands: ['*'], url: server.url }])
  for (let at = 0; at < 12; at++) await post()
  t.same(events.slice(9).map(({ decision }) => decision?.problem), ['the endpoint answered 503', ...Array.from({ length: 2 }, () => 'the endpoint has failed many times in a row, and is tried once a second')])
  t.equal(server.received.length, 10)
  server.answer = says(envelope({ ErrorCode: 1 }))
  do await post(); while (events.at(-1)?.decision?.by === 'fallback')
  t.equal(server.received.length, 11)
  t.match(await post(), { answer: { ErrorCode: 1 } })
})

t.test('an endpoint that answers, however wrongly, is not parked', async t => {
  const server = await receiver(t)
  for (const answer of [() => 404, says('<html>')] satisfies Answer[]) {
    server.answer = answer
    const { post, events } = await ingress(t, [{ commands: ['*'], url: server.url }])
    for (let at = 0; at < 12; at++) await post()
    t.notOk(events.some(({ decision }) => /many times in a row/.test(decision?.problem ?? '')))
  }
})

t.test('a connection that does not come about is given up at the deadline, and its place is free', async t => {
  const seen = { connections: 0 }
  const deaf = createTcpServer(socket => { seen.connections += 1; socket.on('error', () => {}) }).listen(0, '127.0.0.1')
  await once(deaf, 'listening')
  t.teardown(() => { deaf.close() })
  const { post } = await ingress(t, [{ commands: ['*'], url: `https://127.0.0.1:${(deaf.address() as { port: number }).port}/`, deadline: '100ms', concurrency: 1 }])
  for (let at = 0; at < 40 && seen.connections < 2; at++) await post()
  t.ok(seen.connections >= 2, 'within 4 s another one is tried; by itself undici waits for 10')
})

t.test('a connection that the endpoint closed meanwhile costs no decision', async t => {
  const server = createServer({ keepAliveTimeout: 1 }, (_request, response) => { response.writeHead(200, { connection: 'keep-alive' }).end(JSON.stringify(envelope({ ErrorCode: 1 }))) })
  server.on('connection', socket => { let seen = 0; socket.on('data', () => { if (++seen > 1) socket.destroy() }) }) // the second request on a connection finds it closing
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close(); server.closeAllConnections() })
  const { post, events } = await ingress(t, [{ commands: ['*'], url: `http://127.0.0.1:${(server.address() as { port: number }).port}/` }])
  for (let at = 0; at < 10; at++) t.match(await post(), { answer: { ErrorCode: 1 } })
  t.ok(events.every(({ decision }) => decision?.by === 'endpoint'))
})

t.test('beyond its concurrency, and as many again that wait, an endpoint gets no more', async t => {
  const server = await receiver(t, () => 'hang')
  const { post, events } = await ingress(t, [{ commands: ['*'], url: server.url, concurrency: 2, deadline: '500ms' }])
  await Promise.all(Array.from({ length: 6 }, async () => await post()))
  t.equal(events.filter(({ decision }) => /calls are waiting/.test(decision?.problem ?? '')).length, 2)
  t.equal(events.filter(({ decision }) => /within 500 ms/.test(decision?.problem ?? '')).length, 4)
})

t.test('decisions of the relay file that cannot work are refused with line and column', async t => {
  const problems = (decision: string) => {
    const document = new RelayDocument('baton.yaml', `apps:\n  - sdkAppId: 1\n    decisions:\n      - ${decision}\n`, () => undefined)
    readApps(document)
    return document.problems
  }
  t.match(problems('{ commands: ["*"], url: "http://a/", deadline: 1900ms }'), [/^baton\.yaml:4:\d+ apps\[0\]\.decisions\[0\]\.deadline: must lie between 10ms and 1800ms/])
  t.match(problems('{ commands: ["*"], url: "http://me:hush@a/" }'), [/url: has a user or password(?!.*hush)/])
  t.match(problems('{ commands: ["*"], url: "http://[/" }'), [/url: is no URL/])
  t.match(problems('{ commands: ["*"], url: "http://a/", token: t }'), [/token: belongs to style tencent/])
  t.match(problems('{ commands: ["*"], url: "http://a/", fallback: maybe }'), [/fallback/])
  t.match(problems('{ url: "http://a/" }'), [/commands: is missing/])
  t.match(problems('{ commands: [C2C.*, Group.CallbackAfter*], url: "http://a/" }'), [/commands\[1\]: "Group\.CallbackAfter\*" matches no before-command/])
  t.match(problems('{ commands: [Group.CallbackAfterSendMsg], url: "http://a/" }'), [/commands\[0\]: "Group\.CallbackAfterSendMsg" is no before-command that Baton knows/])
  t.match(problems('{ commands: [Group.CallbackBeforeSendMesg], url: "http://a/" }'), [/commands\[0\]: "Group\.CallbackBeforeSendMesg" is no before-command that Baton knows; did you mean Group\.CallbackBeforeSendMsg\? One that is newer is matched by a pattern such as Group\.CallbackBefore\*$/])
  t.match(problems('{ commands: [Group.CallbackBeforeWhatIsNew], url: "http://a/" }'), [/is no before-command that Baton knows\. One that is newer/])
  t.same(problems('{ commands: [Group.CallbackBefore*], url: "http://a/" }'), [], 'which matches what is not known yet, too')
  t.match(problems('{ commands: [C2C.*, Group.*], url: "http://a/" }\n      - { commands: [Group.CallbackBefore*, C2C.CallbackBeforeSendMsg], url: "http://b/" }'), [/^baton\.yaml:5:\d+ apps\[0\]\.decisions\[1\]\.commands: all that they match is decided by entries before it/])
  t.same(problems('{ commands: [Group.CallbackBeforeSendMsg], url: "http://a/" }\n      - { commands: ["*"], url: "http://b/" }'), [])
})

t.test('of many failures the first is an alert, the others are told sparingly, and no line tells the path of the endpoint', async t => {
  const server = await receiver(t, () => 404)
  const { post, lines, metrics } = await ingress(t, [{ commands: ['*'], url: `${server.url}/hush?key=hush` }])
  t.match(await metrics.text(), 'baton_decisions_total{app="1400000000",mode="live",outcome="parked"} 0')
  await Promise.all(Array.from({ length: 40 }, async () => await post()))
  t.equal(lines.filter(({ alert }) => alert === 'DECISION_FALLBACK').length, 1)
  const told = lines.filter(({ alert }) => alert === undefined)
  t.ok(told.length >= 10 && told.length <= 31, `${told.length} lines`)
  t.match(told[0], { level: 40, failure: 'status', endpoint: new URL(server.url).host, mode: 'live', command: before })
  t.notMatch(JSON.stringify(lines), 'hush')
})

t.test('a connection that breaks twice is not tried a third time', async t => {
  let connections = 0
  const cutting = createTcpServer(socket => { connections += 1; socket.on('error', () => {}).once('data', () => socket.destroy()) }).listen(0, '127.0.0.1')
  await once(cutting, 'listening')
  t.teardown(() => { cutting.close() })
  const { post } = await ingress(t, [{ commands: ['*'], url: `http://127.0.0.1:${(cutting.address() as { port: number }).port}/` }])
  await post()
  t.equal(connections, 2)
})

t.test('the answer comes in time however the time went: headers first and the body later, an endpoint that hangs, a slow disk', async t => {
  const server = await receiver(t, () => 'hang')
  let keep = () => {}
  const kept = new Promise<void>(resolve => { keep = resolve })
  const { url, events, metrics, post } = await ingress(t, [{ commands: ['*'], url: server.url, deadline: '1800ms', fallback: 'deny' }], { append: async () => { await kept }, limits: { ...connectionLimits, decision: 1_500 } })
  const body = JSON.stringify(examples[before])
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  const started = performance.now()
  socket.write(`POST /?SdkAppid=1400000000&CallbackCommand=${before} HTTP/1.1\r\nHost: a\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`)
  await setTimeout(1_000)
  socket.write(body)
  const [answer] = await once(socket, 'data')
  t.match(String(answer), /"ErrorCode":1/)
  t.ok(performance.now() - started < 2_300, `${performance.now() - started} ms`) // 2,500 ms, were the clock to begin with the body
  t.match(await metrics.text(), /baton_callbacks_accepted_total\{known="true"\} 0/)
  keep()
  await new Promise(resolve => { setImmediate(resolve) })
  t.match(await metrics.text(), /baton_callbacks_accepted_total\{known="true"\} 1/, 'what is kept after the answer is counted all the same')
  t.match(await metrics.text(), /baton_ack_seconds_count 0/, 'what an endpoint decided about tells nothing of our own speed')
  t.same(events, [])
  await Promise.all(Array.from({ length: 12 }, async () => await post()))
  t.notMatch(await metrics.text(), /outcome="parked"\} [1-9]/, 'who had less time than was promised has not failed')
})

t.test('an answer in another encoding than UTF-8 is none', async t => {
  const server = createServer((_request, response) => { response.end(Buffer.concat([Buffer.from('{"ErrorCode":0,"CloudCustomData":"'), Buffer.from([0xc4, 0xe3, 0xba, 0xc3]), Buffer.from('"}')])) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close(); server.closeAllConnections() })
  const { post, events } = await ingress(t, [{ commands: ['*'], url: `http://127.0.0.1:${(server.address() as { port: number }).port}/`, fallback: 'deny' }])
  t.match(await post(), { answer: { ErrorCode: 1 } })
  t.match(events, [{ decision: { by: 'fallback', problem: /no UTF-8/ } }])
})

t.test('where nobody can be denied, the log does not say that somebody was', async t => {
  const { post, lines } = await ingress(t, [{ commands: ['Sns.*'], url: 'http://127.0.0.1:1/', fallback: 'deny' }])
  await post('Sns.CallbackPrevFriendAdd', { ...examples['Sns.CallbackPrevFriendAdd'], FriendItem: [] })
  t.match(lines, [{ msg: /told to allow/ }])
})

t.test('a breaker opens after ten failures in a row and lets one call a second through', async t => {
  let now = 0
  const breaker = new Breaker(() => now)
  for (let at = 0; at < 9; at++) breaker.failed()
  t.ok(breaker.admits())
  breaker.failed()
  t.notOk(breaker.admits())
  now = 1_000
  t.ok(breaker.admits())
  t.notOk(breaker.admits(), 'the others wait for this one')
  breaker.failed()
  now = 1_999
  t.notOk(breaker.admits())
  now = 2_000
  t.ok(breaker.admits())
  breaker.succeeded()
  t.ok(breaker.admits())
})

t.test('of a flood of lines ten of each kind are written in a second, and at its end how many were not', async t => {
  const lines: Array<Record<string, unknown>> = []
  const heard = new EventEmitter()
  const tell = sparingLog(createLogger('ingress', 'info', { write: line => { lines.push(JSON.parse(line)); heard.emit('line', line) } }))
  for (let at = 0; at < 12; at++) tell('warn', 'a', { at }, 'one of many')
  tell('error', 'b', {}, 'another')
  t.same(lines.map(({ at, level }) => at ?? level), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 50])
  const awake = setInterval(() => {}, 1_000) // the log alone keeps no process running
  t.teardown(() => { clearInterval(awake) })
  await once(heard, 'line')
  t.match(lines.slice(11), [{ level: 40, at: 11, untold: 1, msg: 'one of many' }])
  tell('warn', 'a', { at: 12 }, 'one of many')
  t.notOk('untold' in (lines.at(-1) ?? {}), 'a second of its own')
})

t.test('a flood of requests that are refused, malformed or answered without being kept does not flood the log', async t => {
  const lines: Array<Record<string, unknown>> = []
  const { url, metrics } = await listening(t, { append: async () => { throw new Error('the disk is full') }, log: createLogger('ingress', 'info', { write: line => { lines.push(JSON.parse(line)) } }) })
  const flood = async (send: () => Promise<unknown>) => { for (let at = 0; at < 40; at++) await send() }
  const post = (query: string) => async () => { await (await fetch(`${url}/${query}`, { method: 'POST', body: '{}' })).text() }
  const raw = (text: string) => async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => { socket.write(text) }).resume()
    await once(socket, 'close')
  }
  await Promise.all([
    flood(post('?SdkAppid=7')),
    flood(post(`?SdkAppid=1400000000&CallbackCommand=${before}`)),
    flood(post('?SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateGroup')),
    flood(raw('nonsense\r\n\r\n')),
    flood(raw('CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'))
  ])
  t.match(await metrics.text(), /baton_requests_malformed_total\{status="400"\} 40/)
  const seconds = 1 + Math.ceil((Number(lines.at(-1)?.['time']) - Number(lines[0]?.['time'])) / 1_000)
  const kinds = new Map<string, number>()
  for (const { msg, code, status } of lines) kinds.set([msg, code, status].join(' '), (kinds.get([msg, code, status].join(' ')) ?? 0) + 1)
  t.ok(kinds.size >= 5, [...kinds.keys()].join('; '))
  for (const [kind, count] of kinds) t.ok(count <= 11 * seconds, `${kind}: ${count}`)
})
