import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import t, { type Test } from 'tap'
import { checkBody, checkSignature, examples, knownCommands, readCallbackQuery } from '@baton/contracts'
import { certificate, standInIngress } from '@baton/testing'
import { readRecording, send, type SendOptions } from '../src/index.ts'

const ok = '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}'
const topic = 'Group.CallbackAfterCreateTopic'

/** A stand-in ingress behind a path, and the commands that it got. */
async function ingressAnswering (t: Test, answer?: (response: ServerResponse, nth: number) => void) {
  const { url, requests } = await standInIngress(t, answer)
  return { to: `${url}secret-path`, requests, commands: () => requests.map(({ query }) => readCallbackQuery(query).command) }
}

const sendTo = async (to: string, options: Partial<SendOptions>) => await send({ to, appId: 14, commands: [topic], ...options })

const recordingOf = (text: string) => {
  const recording = readRecording(text)
  if (recording.kind === 'unfit') throw new Error(recording.problems.join())
  return recording
}

t.test('callbacks as Tencent sends them: of now, each unlike all others, signed where there is a token', async t => {
  const { to, requests } = await ingressAnswering(t, (response, nth) => { response.end(nth === 2 ? '{"ActionStatus":"FAIL","ErrorInfo":"no","ErrorCode":40004}' : ok) })
  const codes: unknown[] = []
  const sent = await sendTo(to, { token: 'abc', count: 3, onOutcome: outcome => { codes.push(outcome.kind === 'answer' && outcome.answer.errorCode) } })
  t.match(sent, { sent: 3, acknowledged: 2, refused: 1, unanswered: 0, unexpected: 1, rate: Number, latency: { p50: Number, max: Number } })
  t.same(codes, [0, 40004, 0])
  t.equal(new Set(requests.map(({ body }) => JSON.parse(body).TopicId)).size, 3)
  for (const { path, query } of requests) {
    t.equal(path, '/secret-path')
    t.match(readCallbackQuery(query), { sdkAppId: '14', command: topic })
    t.equal(checkSignature(['abc'], readCallbackQuery(query), Date.now()), 'valid')
  }
  const [first] = requests
  t.match(JSON.parse(first?.body ?? ''), { Name: examples[topic].Name, UserDefinedDataList: examples[topic].UserDefinedDataList }, 'the first one is the documented example')
})

t.test('the same command at the same moment is another event each time, with a time of its own', async t => {
  const { to, requests } = await ingressAnswering(t)
  const before = Date.now()
  await sendTo(to, { commands: ['Group.CallbackAfterGroupFull'], count: 50, connections: 5 })
  const times = requests.flatMap(({ body }) => JSON.parse(body).EventTime ?? []).map(Number)
  t.equal(new Set(times).size, times.length)
  t.ok(times.length > 30 && times.every(time => time >= before && time < Date.now() + 100))
})

t.test('every command in turn, patterns, several, each once unless a count says otherwise', async t => {
  const { to, requests, commands } = await ingressAnswering(t)
  const counts: number[] = []
  t.match(await sendTo(to, { commands: ['*'], onStart: count => { counts.push(count) } }), { sent: 86, acknowledged: 86 })
  t.same(commands(), knownCommands)
  for (const { query, body } of requests.splice(0)) t.same(checkBody(readCallbackQuery(query).command ?? '', JSON.parse(body)), { kind: 'fit' })

  await sendTo(to, { commands: [topic, 'Group.*Topic*', 'State.StateChange', topic] })
  t.same(commands(), [topic, 'Group.CallbackBeforeCreateTopic', 'Group.CallbackAfterTopicDestroyed', 'Group.CallbackAfterTopicInfoChanged', 'State.StateChange'], 'each once, in the order of the arguments')
  requests.splice(0)
  await sendTo(to, { commands: ['Bot.*'], count: 5, onStart: count => { counts.push(count) } })
  t.same(commands(), ['Bot.OnC2CMessage', 'Bot.OnGroupMessage', 'Bot.OnC2CMessage', 'Bot.OnGroupMessage', 'Bot.OnC2CMessage'])
  t.same(counts, [86, 5])
})

t.test('with a seed the same bytes go out, whatever the day', async t => {
  const { to, requests } = await ingressAnswering(t)
  for (const seed of [1, 1, 2]) await sendTo(to, { commands: ['Group.*'], seed })
  const [one, same, other] = [0, 1, 2].map(run => requests.slice(run * 25, run * 25 + 25))
  t.equal(requests.length, 75)
  t.same(one, same)
  t.strictNotSame(one, other)
})

t.test('bodies from a file, in turn, of any command', async t => {
  const { to, requests } = await ingressAnswering(t)
  const recording = recordingOf('{"a":1}\n{"b":2}\n')
  t.match(await sendTo(to, { commands: ['Any.Command'], recording, count: 3 }), { sent: 3, acknowledged: 3 })
  t.same(requests.map(({ body }) => body), ['{"a":1}', '{"b":2}', '{"a":1}'])
  t.match(requests[2]?.query, /^SdkAppid=14&CallbackCommand=Any\.Command&contenttype=json&ClientIP=127\.0\.0\.1&OptPlatform=RESTAPI&RequestID=[\w-]{36}$/)
  t.match(await sendTo(to, { commands: ['Any.Command'], recording }), { sent: 1 }, 'one, where no count is given')
  for (const commands of [[], ['Any.*'], ['One.Command', 'Another.Command']]) await t.rejects(sendTo(to, { commands, recording }), { code: 'BAD_ARGUMENT', message: /name the one command/ })
})

t.test('a recording is sent again as it was, signed anew: all of it, some commands of it, as another app', async t => {
  const { to, requests, commands } = await ingressAnswering(t)
  const recording = recordingOf([
    '{"query":"SdkAppid=20&CallbackCommand=A.B&RequestID=r1&RequestTime=5","body":"{\\"id\\":144115212830834855}"}',
    '{"query":"CallbackCommand=A.C&SdkAppid=21","body":"{ }","id":"evt_1","receivedAt":7}',
    '{"query":"SdkAppid=20&CallbackCommand=D.E","bodyBase64":"e30="}'
  ].join('\n'))
  t.match(await sendTo(to, { commands: [], recording, tokens: new Map([[20, 'abc']]) }), { sent: 3, acknowledged: 3 })
  t.same(requests.map(({ body }) => body), ['{"id":144115212830834855}', '{ }', '{}'])
  t.match(requests[0]?.query, /^SdkAppid=20&CallbackCommand=A\.B&RequestID=r1&Sign=[0-9a-f]{64}&RequestTime=\d{10}$/)
  t.equal(requests[1]?.query, 'CallbackCommand=A.C&SdkAppid=21', 'of an app without a token')
  requests.splice(0)
  await sendTo(to, { commands: ['A.*'], recording, replaceApp: true, count: 3 })
  t.same(commands(), ['A.B', 'A.C', 'A.B'])
  t.same(requests.map(({ query }) => readCallbackQuery(query).sdkAppId), ['14', '14', '14'])
  await t.rejects(sendTo(to, { commands: ['X.*'], recording }), { code: 'BAD_ARGUMENT', message: /Nothing in the file is a callback of X\.\*/ })
  await t.rejects(sendTo(to, { commands: ['('], recording }), { code: 'BAD_ARGUMENT' })
})

t.test('misbehaviour: what is refused as it should be is no failure, what is not is one', async t => {
  const { to, requests } = await ingressAnswering(t, (response, nth) => {
    const { query } = requests[nth - 1] ?? { query: '' }
    const isValid = checkSignature(['abc'], readCallbackQuery(query), Date.now()) === 'valid'
    response.writeHead(isValid ? 200 : 401).end(isValid ? ok : '{"ErrorCode":40102,"ErrorInfo":"wrong"}')
  })
  const sent = await sendTo(to, { commands: ['*'], token: 'abc', seed: 4, count: 400, connections: 4, misbehave: ['stale', 'wrong-sign', 'unsigned', 'repeat', 'shuffle', 'cut', 'drift'], share: 0.7 })
  const { misbehaved } = sent
  const forged = (misbehaved.stale ?? 0) + (misbehaved['wrong-sign'] ?? 0) + (misbehaved.unsigned ?? 0)
  t.equal(Object.keys(misbehaved).length, 7)
  t.match(sent, { sent: 400 + (misbehaved.repeat ?? 0), refused: forged, cut: misbehaved.cut, unanswered: 0, unexpected: 0 })
  t.same(sent.answers.map(({ status }) => status), [200, 401])
  const bodies = requests.map(({ body }) => body)
  t.equal(bodies.length - new Set(bodies).size >= (misbehaved.repeat ?? 0), true, 'a repeat is the same, byte for byte')
  t.equal(requests.filter(({ query, body }) => checkBody(readCallbackQuery(query).command ?? '', JSON.parse(body)).kind === 'drift').length >= (misbehaved.drift ?? 0), true)

  const careless = await ingressAnswering(t)
  t.match(await sendTo(careless.to, { token: 'abc', count: 5, misbehave: ['unsigned'] }), { acknowledged: 5, unexpected: 5 })
})

t.test('what cannot be done is told, with what to do instead', async t => {
  const { to } = await ingressAnswering(t)
  const recording = recordingOf('{"a":1}')
  for (const [options, message] of [
    [{ commands: [] }, /Name a command .* --all/],
    [{ commands: ['Group.Novelty'] }, /no example of Group\.Novelty.*Known are Group\.CallbackBeforeCreateGroup.*name a file with bodies/],
    [{ commands: ['Novel.*'] }, /No known command is like Novel\.\*.*Known are Group\.\*, C2C\.\*/],
    [{ commands: ['*('] }, /No known command is like \*\(/],
    [{ to: 'nowhere' }, /nowhere is no URL/],
    [{ to: 'ftp://x' }, /ftp:\/\/x is no URL of an ingress; one is http:/],
    [{ share: 0.5 }, /--misbehave, or leave out --share/],
    [{ misbehave: ['stale'] }, /no token.*--token/],
    [{ misbehave: ['drift'], recording }, /does not drift/]
  ] as const) await t.rejects(sendTo(to, options), { code: 'BAD_ARGUMENT', message })
})

t.test('at a rate, slow answers do not slow it down, and those that fail to come are counted', async t => {
  const held: ServerResponse[] = []
  let most = 0
  const { to } = await ingressAnswering(t, (response, nth) => {
    if (nth === 2) return response.destroy()
    if (nth === 1) return response.end(ok)
    most = Math.max(most, held.push(response))
    if (nth < 40) return
    for (const waiting of held.splice(0)) waiting.end(ok) // only once all have come
  })
  const reasons: string[] = []
  t.match(await sendTo(to, { count: 40, rate: 1_000, onOutcome: outcome => { if (outcome.kind === 'silence') reasons.push(outcome.reason) } }), { sent: 40, acknowledged: 39, refused: 0, unanswered: 1, unexpected: 1 })
  t.equal(most, 38)
  t.same(reasons, ['socket hang up'])
})

t.test('an answer that breaks off is none; an ingress that is silent from the start ends it', async t => {
  const { to } = await ingressAnswering(t, (response, nth) => {
    if (nth !== 2) return response.end(ok)
    response.write('{"Error', () => { response.destroy() })
  })
  t.match(await sendTo(to, { count: 3 }), { sent: 3, acknowledged: 2, refused: 0, unanswered: 1 })
  const mute = await ingressAnswering(t, response => response.destroy())
  await t.rejects(sendTo(mute.to, { count: 3, rate: 100 }), { code: 'INGRESS_UNREACHABLE', message: /does not answer \(socket hang up\).*npm start/, cause: Error })
  t.equal(mute.requests.length, 1)
  await t.rejects(sendTo('http://localhost:1/', {}), { code: 'INGRESS_UNREACHABLE', message: /ECONNREFUSED/ })
})

t.test('an ingress on this machine may speak HTTPS with any certificate', async t => {
  const { cert, key } = certificate({ hosts: ['chat.example.com'] })
  const server = createServer({ cert, key }, (request, response) => { request.resume().on('end', () => response.end(ok)) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  t.match(await sendTo(`https://localhost:${port}/`, { count: 3 }), { acknowledged: 3 })
  t.match(await sendTo(`https://127.0.0.1:${port}/`, { count: 3, connections: 2, misbehave: ['repeat'] }), { acknowledged: 6 })
  await t.rejects(sendTo(`http://127.0.0.1:${port}/`, {}), { code: 'INGRESS_UNREACHABLE', message: /If it speaks HTTPS, write https:\/\/ instead of http:\/\/\./ })
  const plain = await ingressAnswering(t)
  await t.rejects(sendTo(plain.to.replace('http:', 'https:'), {}), { code: 'INGRESS_UNREACHABLE', message: /If it speaks plain HTTP, write http:\/\/ instead of https:\/\/\./ })
})
