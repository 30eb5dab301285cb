import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { checkSignature, readCallbackQuery } from '@baton/contracts'
import { FakeTencent, bareCallback, isExpected, misbehaving, ofApp, postCallbacks, readRecording, recordingLine, type FakeCallback, type Misbehaviour, type Sending } from '../src/index.ts'

const ok = '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}'

interface Arrived {
  query: string
  body: Buffer
  headers: IncomingMessage['headers']
}

/** A receiver whose answers are the test's own; `nth` counts from 1. What is broken off has no end and does not arrive. */
async function receiverAnswering (t: Test, answer: (response: ServerResponse, nth: number) => void = response => { response.end(ok) }) {
  const arrived: Arrived[] = []
  const counts = { connections: 0, begun: 0 }
  const server = createServer((request, response) => {
    counts.begun += 1
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {}).on('end', () => {
      if (!request.complete) return
      arrived.push({ query: new URL(request.url ?? '', 'http://x').search.slice(1), body: Buffer.concat(chunks), headers: request.headers })
      answer(response, arrived.length)
    })
  }).on('connection', () => { counts.connections += 1 }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { to: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hook`, arrived, counts }
}

/** So many callbacks of groups. */
const sendings = (count: number, misbehaviour?: Misbehaviour): Sending[] => {
  const tencent = new FakeTencent({ appId: 14 })
  return Array.from({ length: count }, () => ({ callback: tencent.callback('Group.CallbackAfterCreateGroup'), misbehaviour }))
}

t.test('every callback arrives byte for byte, over connections that are kept, and latencies are told', async t => {
  const { to, arrived, counts } = await receiverAnswering(t)
  const all = sendings(40)
  const posted = await postCallbacks(all, { to: `${to}?own=1`, connections: 4 })
  t.match(posted, { sent: 40, acknowledged: 40, refused: 0, unanswered: 0, cut: 0, unexpected: 0, answers: [{ status: 200, errorCode: 0, errorInfo: '', count: 40 }], silences: [], misbehaved: {}, unreachable: undefined })
  t.equal(counts.connections, 4)
  const inOrder = (bodies: Buffer[]) => bodies.map(String).sort()
  t.same(inOrder(arrived.map(({ body }) => body)), inOrder(all.map(({ callback }) => callback.body)))
  for (const { query, headers } of arrived) {
    t.match(query, /^own=1&/)
    t.match(headers, { 'content-length': /\d/, 'transfer-encoding': undefined })
  }
  const { p50 = 0, p90 = 0, p99 = 0, max = 0 } = posted.latency ?? {}
  t.ok(p50 > 0 && p50 <= p90 && p90 <= p99 && p99 <= max && max < 2_000)
  t.ok(posted.rate > 0)
})

t.test('percentiles are those of the acknowledgements, in ms', async t => {
  const { to } = await receiverAnswering(t, (response, nth) => {
    const end = () => response.end(nth % 10 === 5 ? '{"ErrorCode":1}' : ok)
    if (nth % 10 === 0) setTimeout(end, 120) // every tenth is slow
    else end()
  })
  const posted = await postCallbacks(sendings(100), { to })
  t.match(posted, { acknowledged: 90, refused: 10 })
  const { p50 = 0, p90 = 0, p99 = 0, max = 0 } = posted.latency ?? {}
  t.ok(p50 < 100, `half are fast: ${p50}`)
  t.ok(p90 >= 119 && p99 >= 119 && max >= p99, `ten of ninety are slow: ${p90}`)
})

t.test('a callback is signed when it is sent, with the token of its app', async t => {
  const { to, arrived } = await receiverAnswering(t)
  const all = sendings(3)
  const [first] = all
  if (first !== undefined) all[1] = { callback: ofApp(first.callback, 15) }
  await postCallbacks(all, { to, tokenOf: ({ query }) => readCallbackQuery(query).sdkAppId === '14' ? 'abc' : undefined })
  t.same(arrived.map(({ query }) => checkSignature(['abc'], readCallbackQuery(query), Date.now())), ['valid', 'sign-missing', 'valid'])
  t.same(arrived.map(({ query }) => readCallbackQuery(query).sdkAppId), ['14', '15', '14'])
})

t.test('what is wrongly signed on purpose is so, and whoever acknowledges it is told of', async t => {
  const { to, arrived } = await receiverAnswering(t, (response, nth) => { response.writeHead(nth === 3 ? 200 : 401).end(nth === 3 ? ok : '{"ErrorCode":40101,"ErrorInfo":"no"}') })
  const kinds = ['stale', 'wrong-sign', 'unsigned'] as const
  const posted = await postCallbacks(kinds.flatMap(kind => sendings(1, kind)), { to, tokenOf: () => 'abc' })
  t.same(arrived.map(({ query }) => checkSignature(['abc'], readCallbackQuery(query), Date.now())), ['sign-stale', 'sign-wrong', 'sign-missing'])
  t.match(posted, { sent: 3, acknowledged: 1, refused: 2, unexpected: 1, misbehaved: { stale: 1, 'wrong-sign': 1, unsigned: 1 } })
})

t.test('one that is cut does not arrive whole, and the next ones do', async t => {
  const { to, arrived, counts } = await receiverAnswering(t)
  const posted = await postCallbacks([...sendings(2, 'cut'), ...sendings(2), ...sendings(1, 'cut'), ...sendings(1)], { to })
  t.match(posted, { sent: 6, acknowledged: 3, refused: 0, unanswered: 0, cut: 3, unexpected: 0, misbehaved: { cut: 3 } })
  t.equal(arrived.length, 3)
  t.equal(counts.begun, 6, 'the head of each came')
  const empty = { callback: bareCallback('Any.Command', 14, Buffer.alloc(0)), misbehaviour: 'cut' } as const
  t.match(await postCallbacks([empty], { to }), { cut: 1, unexpected: 0 })
})

t.test('answers and silences are counted by kind, in bounds', async t => {
  const { to } = await receiverAnswering(t, (response, nth) => {
    if (nth === 1) response.end(ok)
    else if (nth === 2) response.destroy()
    else if (nth === 3) response.write('{"Error', () => { response.destroy() })
    else if (nth === 4) response.writeHead(204).end()
    else if (nth === 5) response.end('<html>')
    else response.writeHead(503).end(`{"ErrorCode":${nth},"ErrorInfo":"full"}`)
  })
  const outcomes: string[] = []
  const posted = await postCallbacks(sendings(100), { to, onOutcome: ({ kind }) => { outcomes.push(kind) } })
  t.match(posted, { sent: 100, acknowledged: 1, refused: 97, unanswered: 2, unexpected: 99 })
  t.equal(posted.silences.reduce((sum, { count }) => sum + count, 0), 2)
  t.equal(posted.answers.reduce((sum, { count }) => sum + count, 0), 98)
  t.equal(posted.answers.length, 50)
  t.ok(posted.answers.some(({ status, errorCode, errorInfo }) => status === 204 && errorCode === null && errorInfo === 'the answer is no envelope'))
  t.same(outcomes.slice(0, 4), ['answer', 'silence', 'silence', 'answer'])
})

t.test('whatever is decided about a before-command is an answer; of any other command only 0 acknowledges', async t => {
  const { to } = await receiverAnswering(t, (response, nth) => { response.writeHead(nth === 3 ? 503 : 200).end(nth === 4 ? '{}' : '{"ErrorCode":10100,"ErrorInfo":"denied"}') })
  const tencent = new FakeTencent()
  const callbacks = (['Group.CallbackBeforeSendMsg', 'Group.CallbackAfterSendMsg', 'Group.CallbackBeforeSendMsg', 'Sns.CallbackPrevFriendAdd'] as const).map(command => ({ callback: tencent.callback(command) }))
  const acknowledged: string[] = []
  const posted = await postCallbacks(callbacks, { to, onOutcome: outcome => { if (isExpected(outcome)) acknowledged.push(outcome.command) } })
  t.match(posted, { acknowledged: 1, refused: 3, unexpected: 3, answers: [{ errorCode: 10_100, count: 2 }, {}, {}] })
  t.same(acknowledged, ['Group.CallbackBeforeSendMsg'])
})

t.test('nobody is waited for longer than Tencent waits', async t => {
  const { to } = await receiverAnswering(t, (response, nth) => {
    if (nth === 1) response.end(ok)
    if (nth === 2) response.write('{"ErrorCode":')
  })
  const started = performance.now()
  const posted = await postCallbacks(sendings(3), { to, connections: 2 })
  t.match(posted, { acknowledged: 1, unanswered: 2, silences: [{ reason: 'no answer within 2 s', count: 2 }] })
  t.ok(performance.now() - started >= 1_990)
})

t.test('where the first gets no answer, no other is sent; those that are cut tell nothing', async t => {
  const mute = await receiverAnswering(t, response => { response.destroy() })
  const posted = await postCallbacks([...sendings(1, 'cut'), ...sendings(5)], { to: mute.to, rate: 100, onOutcome: ({ kind }) => { t.equal(kind, 'cut') } })
  t.match(posted, { sent: 2, cut: 1, unanswered: 1, latency: null })
  t.ok(posted.unreachable instanceof Error)
  t.equal(mute.arrived.length, 1)
  t.match(await postCallbacks(sendings(1), { to: 'http://127.0.0.1:1/' }), { unanswered: 1, unreachable: { code: 'ECONNREFUSED' } })
  t.match(await postCallbacks([], { to: mute.to }), { sent: 0, unexpected: 0, unreachable: undefined })
})

t.test('at a rate, slow answers slow nothing down, within the bound of connections', async t => {
  const held: ServerResponse[] = []
  let most = 0
  const { to, counts } = await receiverAnswering(t, (response, nth) => {
    if (nth === 1) return response.end(ok)
    most = Math.max(most, held.push(response))
    if (held.length === 8 || nth === 18) for (const waiting of held.splice(0)) waiting.end(ok)
  })
  t.match(await postCallbacks(sendings(18), { to, rate: 1_000, connections: 8 }), { sent: 18, acknowledged: 18 })
  t.equal(most, 8)
  t.equal(counts.connections, 8)
})

t.test('asked to, it ends early, and waits for what is under way', async t => {
  const stop = new AbortController()
  const { to, arrived } = await receiverAnswering(t, (response, nth) => {
    if (nth === 5) stop.abort()
    response.end(ok)
  })
  t.match(await postCallbacks(sendings(50), { to, signal: stop.signal }), { sent: 5, acknowledged: 5 })
  t.equal(arrived.length, 5)
})

const numbered = (count: number, kinds: readonly Misbehaviour[], share?: number, seed?: number): string[] => {
  let made = 0
  const next = ({ drift }: { drift: boolean }): FakeCallback => ({ command: `${++made}${drift ? ' drift' : ''}`, query: '', body: Buffer.alloc(0), headers: {} })
  return [...misbehaving(count, next, { kinds, share, seed })].map(({ callback, misbehaviour }) => `${callback.command}${misbehaviour === undefined || misbehaviour === 'drift' ? '' : ` ${misbehaviour}`}`)
}

t.test('a share misbehaves, the same of the same seed', async t => {
  t.same(numbered(3, []), ['1', '2', '3'])
  t.same(numbered(2, ['stale']), ['1 stale', '2 stale'])
  t.same(numbered(2, ['drift']), ['1 drift', '2 drift'])
  const tenth = numbered(10_000, ['stale', 'cut', 'unsigned'], 0.1, 5)
  const misbehaved = tenth.filter(text => text.includes(' '))
  t.ok(misbehaved.length > 900 && misbehaved.length < 1_100)
  for (const kind of ['stale', 'cut', 'unsigned']) t.ok(misbehaved.filter(text => text.endsWith(kind)).length > 250)
  t.same(numbered(10_000, ['stale', 'cut', 'unsigned'], 0.1, 5), tenth)
  t.strictNotSame(numbered(10_000, ['stale', 'cut', 'unsigned'], 0.1, 6), tenth)
})

t.test('repeats come twice, what is shuffled comes once and late, neither by much', async t => {
  const repeated = numbered(200, ['repeat'], 0.5)
  const shuffled = numbered(200, ['shuffle'], 0.5)
  const numbers = (texts: string[]) => texts.map(text => Number.parseInt(text))
  const again = repeated.filter(text => text.endsWith(' repeat'))
  t.ok(again.length > 60)
  t.same(numbers(repeated).length, 200 + again.length)
  t.same(numbers(repeated.filter(text => !text.includes(' '))), Array.from({ length: 200 }, (_, at) => at + 1), 'all in turn, beside the repeats')
  for (const text of again) t.ok(repeated.indexOf(text) > repeated.indexOf(text.replace(' repeat', '')))
  t.same(numbers(shuffled).toSorted((one, other) => one - other), Array.from({ length: 200 }, (_, at) => at + 1), 'none is lost')
  t.strictNotSame(numbers(shuffled), numbers(shuffled).toSorted((one, other) => one - other))
  const [same] = sendings(1)
  const always = same === undefined ? [] : [...misbehaving(300, () => same.callback, { kinds: ['repeat', 'shuffle'] })].map(({ misbehaviour }) => misbehaviour)
  t.equal(always.filter(kind => kind === 'repeat').length, always.filter(kind => kind === undefined).length, 'also where all are one callback')
  for (const [at, number] of numbers(shuffled).entries()) t.ok(Math.abs(at + 1 - number) <= 64)
})

t.test('what was recorded is sent again as it was, bytes that are no text included', async t => {
  const tencent = new FakeTencent({ seed: 9 })
  const callbacks = [tencent.callback('Group.CallbackAfterCreateGroup'), tencent.callback('Push.OfflinePush'), { ...tencent.callback('Group.CallbackAfterCreateGroup'), body: Buffer.from([0x7B, 0xFF, 0x7D]), headers: { 'content-type': 'text/x; q="1"' } }]
  const lines = callbacks.map(({ query, body, headers }, at) => recordingLine({ query: `Sign=secret&${query}`, body, ...at === 2 ? { contentType: headers['content-type'] } : {}, receivedAt: at }))
  t.notMatch(lines.join(), /secret/)
  t.same(readRecording(`${lines.join('\r\n')}\n\n`), { kind: 'callbacks', callbacks: callbacks.map(callback => ({ ...callback, headers: callback.headers })) })
  t.match(lines[2], /"bodyBase64":"e\/99"/)
})

t.test('bare bodies are taken as they are', async t => {
  t.same(readRecording('{"a":1}\n\n{"broken":\n[]\n'), { kind: 'bodies', bodies: ['{"a":1}', '{"broken":', '[]'].map(line => Buffer.from(line)) })
  t.same(readRecording('\n'), { kind: 'bodies', bodies: [] })
})

t.test('a line that is no recorded callback is named, with what is wrong, and all of them at once', async t => {
  const lines = ['{"query":"a=1","body":"{}"}', '', '{"query":"a=1"}', '{"query":"a=1","body":"{}","bodyBase64":""}', '{"query":5,"body":"{}"}', '{"query":"a=1","bodyBase64":"%"}', '{"GroupId":"g"}', '{"query":"a=1","bo', '{"query":"a=1","body":"{}","contentType":"a\\nb"}', '{"query":"","body":"{}"}']
  t.match(readRecording(lines.join('\n')), {
    kind: 'unfit',
    problems: [
      'line 3: must have either body or bodyBase64',
      'line 4: must have either body or bodyBase64',
      /^line 5: query does not fit/,
      /^line 6: bodyBase64 does not fit/,
      'line 7: is a bare body among recorded callbacks; a file holds the one or the other',
      'line 8: is no JSON: it is broken, or cut off',
      /^line 9: contentType does not fit/,
      /^line 10: query does not fit/
    ]
  })
})
