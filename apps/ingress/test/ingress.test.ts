import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { Value } from '@sinclair/typebox/value'
import t, { type Test } from 'tap'
import { Envelope, examples, refusals, signatureOf, type Event } from '@baton/contracts'
import type { DriftReport, Quarantined } from '@baton/queue'
import { createLogger, type AppsSettings, type Logger } from '@baton/runtime'
import { sampleCallbacks } from '@baton/testing'
import { DriftNotes } from '../src/drift-notes.ts'
import { ingressMetrics } from '../src/ingress-metrics.ts'
import { QuarantineHandover } from '../src/quarantine-handover.ts'
import { receiptClock } from '../src/receipt-clock.ts'
import { WronglySigned } from '../src/wrongly-signed.ts'
import { listening, metricsWithout } from './listening.ts'

const command = 'Group.CallbackAfterCreateGroup'
const example = examples[command]
const query = (fields: Record<string, string> = {}) =>
  `/?${new URLSearchParams({ SdkAppid: '1400000000', CallbackCommand: command, contenttype: 'json', ClientIP: '127.0.0.1', OptPlatform: 'RESTAPI', ...fields }).toString()}`

/** An ingress over real HTTP whose events go into an array. */
async function ingress (t: Test, { apps, append, log }: { apps?: AppsSettings, append?: (event: Event) => Promise<void>, log?: Logger } = {}) {
  const events: Event[] = []
  const quarantined: Quarantined[] = []
  const drifted: DriftReport[] = []
  const quarantine = { kept: 0, lost: 0, handOver: (entry: Quarantined) => { quarantined.push(entry) }, lose: () => { quarantine.lost += 1 } }
  const metrics = metricsWithout({ quarantine })
  const drift = new DriftNotes(metrics, report => { drifted.push(report) })
  t.teardown(() => { drift.close() })
  const { url, app } = await listening(t, { ...apps && { apps }, append: append ?? (async event => { events.push(event) }), quarantine, drift, metrics, ...log && { log } })
  const post = async (path: string, body: string | Uint8Array<ArrayBuffer> | null, init: RequestInit = {}) => {
    const response = await fetch(url + path, { method: 'POST', body, ...init })
    const envelope = Value.Parse(Envelope, await response.json())
    return { status: response.status, envelope, headers: response.headers }
  }
  return { url, events, quarantined, drifted, drift, post, metrics, app }
}

const ok = { ActionStatus: 'OK', ErrorInfo: '', ErrorCode: 0 }

t.test('every sample request is acknowledged with the exact envelope, and its bytes are kept', async t => {
  const { post, events } = await ingress(t)
  for (const { name, command, body } of sampleCallbacks()) {
    const { status, envelope, headers } = await post(query({ CallbackCommand: command }), new Uint8Array(body))
    t.same({ status, envelope, type: headers.get('content-type') }, { status: 200, envelope: ok, type: 'application/json; charset=utf-8' }, name)
    t.equal(events.at(-1)?.body.equals(body), true, `${name}: the same bytes`)
  }
  t.match(events, [{ command, appId: 1400000000, eventTime: 1670574414123, orderingKey: '@TGS#2J4SZEAEL' }])
})

t.test('a callback is accepted with any Content-Type or none', async t => {
  const { url, events } = await ingress(t)
  for (const type of ['application/json', 'application/json; charset=utf-8', 'text/plain', 'multipart/form-data', ';;', 'application/x-www-form-urlencoded', 'application/json;charset="utf-8', '']) {
    const { hostname, port } = new URL(url)
    const body = JSON.stringify(example)
    const socket = connect(Number(port), hostname)
    socket.end(`POST ${query()} HTTP/1.1\r\nHost: x\r\n${type === '' ? '' : `Content-Type: ${type}\r\n`}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`)
    const answer = Buffer.concat(await Readable.from(socket).toArray()).toString()
    t.match(answer, /^HTTP\/1.1 200 /, type)
  }
  t.equal(events.length, 8)
})

t.test('numbers beyond 2^53, unknown fields, a byte order mark and emoji survive', async t => {
  const { post, events } = await ingress(t)
  const body = Buffer.from('\uFEFF{"GroupId":"g","Owner_Account":"o","Type":"Public","Name":"\u{1F600}","Operator_Account":"x","New":144115212830834855,"__proto__":{"a":1}}')
  t.match(await post(query(), new Uint8Array(body)), { status: 200, envelope: ok })
  t.equal(events[0]?.body.equals(body), true)
})

const cases: { title: string, kind: keyof typeof refusals, path?: string, body?: string | Uint8Array<ArrayBuffer>, method?: string, info: RegExp, unnamed?: boolean }[] = [
  { title: 'GET', kind: 'not-post', method: 'GET', info: /POST/ },
  { title: 'PUT', kind: 'not-post', method: 'PUT', info: /POST/ },
  { title: 'an unknown path', kind: 'unknown-path', path: '/elsewhere?SdkAppid=1400000000', info: /INGRESS_PATH/ },
  { title: 'no SdkAppid', kind: 'wrong-app', path: `/?CallbackCommand=${command}`, info: /SdkAppid is missing/ },
  { title: 'a foreign SdkAppid', kind: 'wrong-app', path: query({ SdkAppid: '1400000001' }), info: /SdkAppid/ },
  { title: 'two SdkAppids', kind: 'wrong-app', path: `${query()}&SdkAppid=1`, info: /more than once/ },
  { title: 'an empty body', kind: 'not-json-object', body: '', info: /empty/ },
  { title: 'no JSON', kind: 'not-json-object', body: '{"GroupId": "secret" // comment', info: /not valid JSON/ },
  { title: 'an array', kind: 'not-json-object', body: '[]', info: /object/ },
  { title: 'null', kind: 'not-json-object', body: 'null', info: /object/ },
  { title: 'broken UTF-8', kind: 'not-json-object', body: new Uint8Array([0x7B, 0xFF, 0x7D]), info: /UTF-8/ },
  { title: 'another command in the body', kind: 'commands-differ', body: JSON.stringify({ ...example, CallbackCommand: 'Group.CallbackAfterCreateTopic' }), info: /CallbackCommand/, unnamed: true },
  { title: 'no command anywhere', kind: 'no-command', path: '/?SdkAppid=1400000000', body: '{}', info: /CallbackCommand is missing/, unnamed: true },
  { title: 'a command with a line end', kind: 'no-command', path: query({ CallbackCommand: 'A\r\nB' }), body: '{}', info: /letters, digits/, unnamed: true },
  { title: 'a missing GroupId', kind: 'unfit-field', body: JSON.stringify({ ...example, GroupId: undefined }), info: /GroupId .*is missing|GroupId of .* is missing/ },
  { title: 'an unfit EventTime', kind: 'unfit-field', body: JSON.stringify({ ...example, EventTime: 'soon' }), info: /EventTime/ },
  { title: 'a body over the limit', kind: 'body-too-large', body: 'x'.repeat(1_048_577), info: /1048576 bytes/ }
]
for (const { title, kind, path = query(), body = JSON.stringify(example), method = 'POST', info, unnamed = false } of cases) {
  t.test(`${title} is refused as ${refusals[kind].code}`, async t => {
    const { post, events, quarantined, metrics } = await ingress(t)
    const before = Date.now()
    const { status, envelope, headers } = await post(path, method === 'GET' ? null : body, { method })
    t.equal(status, refusals[kind].status)
    t.match(envelope, { ActionStatus: 'FAIL', ErrorCode: refusals[kind].code, ErrorInfo: info })
    t.notMatch(envelope.ErrorInfo, /secret/, 'no value of the body is repeated')
    t.equal(headers.get('allow'), kind === 'not-post' ? 'POST' : null)
    t.equal(events.length, 0)
    t.match(await metrics.text(), `baton_callbacks_refused_total{code="${refusals[kind].code}"} 1`)
    if (refusals[kind].status !== 400) {
      t.same(quarantined, [], 'nothing of it is kept')
      return t.notMatch(await metrics.text(), /quarantine_total\{.*\} [1-9]/)
    }
    const [{ receivedAt = 0, ...entry } = {}, ...more] = quarantined
    t.ok(receivedAt >= before && receivedAt <= Date.now())
    t.same(entry, { kind, app: 1400000000, info: envelope.ErrorInfo, command: unnamed ? undefined : command, query: path.slice(2), body: Buffer.from(body) })
    t.same(more, [])
    t.match(await metrics.text(), `baton_quarantine_total{kind="${kind}"} 1`)
  })
}

const signed = { apps: [{ sdkAppId: 1400000000, freshness: 300_000, tokens: ['token'] }] }
const now = String(Math.floor(Date.now() / 1_000))
const stale = String(Number(now) - 400)
for (const [kind, fields] of [
  ['sign-missing', {}],
  ['sign-wrong', { RequestTime: now, Sign: signatureOf('none', now) }],
  ['sign-stale', { RequestTime: stale, Sign: signatureOf('token', stale) }]
] as const) {
  t.test(`${kind}: it is kept with its body, and without its signature`, async t => {
    const { post, events, quarantined, metrics } = await ingress(t, signed)
    const body = new Uint8Array([0x7B, 0xFF, 0x7D])
    const { status, envelope } = await post(query(fields), body)
    t.match({ status, envelope }, { status: 401, envelope: { ErrorCode: refusals[kind].code } })
    t.equal(events.length, 0)
    const { Sign: _, ...rest } = { Sign: '', ...fields }
    t.match(quarantined, [{ kind, app: 1400000000, info: envelope.ErrorInfo, command, query: query(rest).slice(2), receivedAt: Number, body: Buffer.from(body) }])
    t.equal(quarantined.length, 1)
    t.match(await metrics.text(), `baton_quarantine_total{kind="${kind}"} 1`)
  })
}

t.test('wrongly signed and over the limit: still 401, counted as lost, and nothing is kept', async t => {
  const { post, quarantined, metrics } = await ingress(t, signed)
  t.match(await post(query(), 'x'.repeat(1_048_577)), { status: 401, envelope: { ErrorCode: 40101 } })
  t.match(await post(query({ CallbackCommand: 'C2C.CallbackBeforeSendMsg' }), 'x'.repeat(1_048_577)), { status: 401 }, 'a stranger gets no decision')
  t.match(await post(query({ SdkAppid: '5' }), '{}'), { status: 403 })
  t.same(quarantined, [])
  t.match(await metrics.text(), 'baton_quarantine_lost_total 2')
})

t.test('of strangers only so many bodies are read at once; the others are answered without, and counted as lost', async t => {
  const { url, post, quarantined, metrics, app } = await ingress(t, signed)
  const { hostname, port } = new URL(url)
  let arrived = 0
  app.server.on('request', () => { arrived += 1 })
  const held = Array.from({ length: 32 }, () => {
    const socket = connect(Number(port), hostname)
    socket.write(`POST ${query()} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\n{`)
    return socket
  })
  while (arrived < held.length) await once(app.server, 'request')
  t.match(await post(query(), 'z'), { status: 401, envelope: { ErrorCode: 40101 } })
  t.same(quarantined, [])
  t.match(await metrics.text(), 'baton_quarantine_lost_total 1')
  const gone = held.pop()
  for (const socket of held) {
    socket.write('"a}')
    t.match(Buffer.concat(await Readable.from(socket).toArray()).toString(), /^HTTP\/1.1 401 /)
  }
  gone?.destroy()
  t.equal(quarantined.length, 31)
  t.match(await post(query(), 'z'), { status: 401 })
  t.equal(quarantined.length, 32, 'there is room again')
})

t.test('a wrong signature is an alert at once, and one only until a minute was quiet; at most 100 a second are let in', async t => {
  const lines: string[] = []
  const clock = { now: 0 }
  const wronglySigned = new WronglySigned(createLogger('test', 'info', { write: line => { lines.push(line) } }), () => clock.now)
  const admitted = (count: number) => Array.from({ length: count }, () => {
    const may = wronglySigned.admit(14, { kind: 'sign-wrong', info: 'why' }, '198.51.100.7')
    if (may) wronglySigned.done()
    return may
  }).filter(Boolean).length
  t.equal(admitted(250), 100)
  t.match(lines, [/"app":14,"info":"why","address":"198.51.100.7","alert":"CALLBACKS_WRONGLY_SIGNED"/])
  clock.now = 999
  t.equal(admitted(1), 0)
  clock.now = 1_000
  t.equal(admitted(250), 100)
  clock.now = 60_999
  t.equal(admitted(1), 1)
  t.equal(lines.length, 1)
  clock.now = 120_999
  t.equal(admitted(1), 1)
  t.equal(lines.length, 2)
})

t.test('the alert stands in the log of the ingress; a callback of a foreign app is none', async t => {
  const lines: string[] = []
  const { post } = await ingress(t, { ...signed, log: createLogger('ingress', 'error', { write: line => { lines.push(line) } }) })
  await post(query({ SdkAppid: '5' }), '{}')
  t.same(lines, [])
  await post(query(), '{}')
  await post(query(), '{}')
  t.match(lines, [/CALLBACKS_WRONGLY_SIGNED/])
})

t.test('a before-callback that was allowed although unfit is kept too; what no one could read is not', async t => {
  const { post, quarantined } = await ingress(t)
  const before = 'Group.CallbackBeforeSendMsg'
  t.match(await post(query({ CallbackCommand: before }), 'no JSON'), { status: 200, envelope: ok })
  t.match(await post(query({ CallbackCommand: before }), 'x'.repeat(1_048_577)), { status: 200, envelope: ok })
  t.match(quarantined, [{ kind: 'not-json-object', command: before, body: Buffer.from('no JSON') }])
  t.equal(quarantined.length, 1)
})

t.test('an event that cannot be kept does not go into quarantine: Tencent was told that it is not kept', async t => {
  const { post, quarantined } = await ingress(t, { append: async () => { throw new Error('the disk is full') } })
  t.match(await post(query(), JSON.stringify(example)), { status: 503 })
  t.same(quarantined, [])
})

t.test('what is handed over is a copy, and what a dead thread had not settled is lost', async t => {
  const posted: { entry: Quarantined, transfer: ArrayBuffer[] }[] = []
  const handover = new QuarantineHandover((entry, transfer) => { posted.push({ entry, transfer }) }, createLogger('test', 'silent'))
  const memory = Buffer.from('secret of somebody else{}')
  const entry = { kind: 'no-command', app: 14, info: '', command: undefined, query: '', receivedAt: 1, body: memory.subarray(-2) } as const
  for (let nth = 0; nth < 5; nth++) handover.handOver(entry)
  const [{ entry: first, transfer } = {}] = posted
  t.same(Buffer.from(first?.body ?? []), Buffer.from('{}'))
  t.match(transfer, [{ byteLength: 2 }])
  handover.settled({ kept: 2, lost: 1 })
  t.equal(handover.kept, 2)
  t.equal(handover.lost, 1)
  handover.abandoned()
  handover.abandoned()
  t.equal(handover.lost, 3)
})

t.test('checks keep their order: signature before body, JSON before command, command before fields', async t => {
  const { post } = await ingress(t, { apps: [{ sdkAppId: 1400000000, freshness: 300_000, tokens: ['x'] }] })
  t.match(await post(query(), 'no JSON'), { status: 401 })
  const { post: open } = await ingress(t)
  t.match(await open(query({ CallbackCommand: '' }), '[]'), { envelope: { ErrorCode: 40001 } })
  t.match(await open(query(), '{"CallbackCommand":"Other.Command"}'), { envelope: { ErrorCode: 40002 } })
  t.match(await open('/?SdkAppid=1400000000', '{"GroupId":5}'), { envelope: { ErrorCode: 40003 } })
})

t.test('checks keep their order: the app before the size, the path before both', async t => {
  const { post } = await ingress(t)
  const large = 'x'.repeat(1_048_577)
  t.match(await post('/elsewhere', large), { status: 404 })
  t.match(await post('/?SdkAppid=5', large), { status: 403 })
})

t.test('an app with tokens wants callbacks signed, with any of them, and fresh', async t => {
  const { post, events } = await ingress(t, { apps: [{ sdkAppId: 1400000000, freshness: 300_000, tokens: ['old', 'new'] }] })
  const body = JSON.stringify(example)
  const now = String(Math.floor(Date.now() / 1_000))
  const stale = String(Number(now) - 400)
  t.match(await post(query(), body), { status: 401, envelope: { ErrorCode: 40101 } })
  t.match(await post(query({ RequestTime: now, Sign: signatureOf('none', now) }), body), { status: 401, envelope: { ErrorCode: 40102 } })
  t.match(await post(query({ RequestTime: stale, Sign: signatureOf('new', stale) }), body), { status: 401, envelope: { ErrorCode: 40103 } })
  t.equal(events.length, 0)
  for (const token of ['old', 'new']) t.match(await post(query({ RequestTime: now, Sign: signatureOf(token, now) }), body), { status: 200, envelope: ok })
  t.notMatch(events.map(event => event.query).join(), /Sign=/, 'the credential goes no further')
})

t.test('an unknown command and a drifting field are relayed, and counted', async t => {
  const { post, events, metrics, drift, drifted } = await ingress(t)
  t.match(await post(query({ CallbackCommand: 'Group.CallbackAfterNovelty' }), '{"a":1}'), { status: 200, envelope: ok })
  const odd = { ...example, Operator_Account: 5, MemberList: [{ Member_Account: 'a', Rank: 1 }, { Member_Account: 'b', Rank: 2 }] }
  for (const Name of ['one', 'other']) t.match(await post(query(), JSON.stringify({ ...odd, Name })), { status: 200, envelope: ok })
  t.equal(events.length, 3)
  const text = await metrics.text()
  t.match(text, 'baton_callbacks_accepted_total{known="false"} 1')
  t.match(text, 'baton_callbacks_accepted_total{known="true"} 2')
  t.match(text, 'baton_callbacks_drift_total{kind="unknown-command"} 1')
  t.match(text, 'baton_callbacks_drift_total{kind="unknown-field"} 2', 'once for each callback')
  t.match(text, 'baton_callbacks_drift_total{kind="unfit-field"} 2')
  t.same(drifted, [])
  drift.close()
  t.match(drifted, [{
    seen: [
      { kind: 'unknown-command', command: 'Group.CallbackAfterNovelty', field: '', count: 1 },
      { kind: 'unfit-field', command, field: 'Operator_Account', problem: 'must be string', example: 'number', count: 2 },
      { kind: 'unknown-field', command, field: 'MemberList[].Rank', count: 2, first: events[1]?.receivedAt, last: events[2]?.receivedAt }
    ],
    unlisted: undefined
  }])
})

t.test('what was refused is no drift, and of more different deviations than are noted, the number is', async t => {
  const { post, drift, drifted } = await ingress(t, { append: async ({ command }) => { if (command === 'Any.Unkept') throw new Error('the disk is full') } })
  t.match(await post(query({ CallbackCommand: 'Any.Unkept' }), '{}'), { status: 503 })
  drift.close()
  t.same(drifted, [])
  for (let nth = 0; nth < 600; nth += 20) {
    const novelties = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`novelty${nth + at}`, at]))
    t.match(await post(query(), JSON.stringify({ ...example, ...novelties })), { status: 200 })
  }
  drift.close()
  t.match(drifted.map(({ seen, unlisted }) => ({ seen: seen.length, unlisted })), [{ seen: 500, unlisted: { count: 100, last: Number } }])
  const more = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`novelty${at}`, at]))
  for (const GroupId of ['one', 'other']) t.match(await post(query(), JSON.stringify({ ...example, ...more, GroupId })), { status: 200 })
  drift.close()
  t.match(drifted[1], { seen: { length: 20 }, unlisted: { count: 2 } }, 'of one callback too')
})

t.test('the command may stand in the query alone, or in the body alone', async t => {
  const { post, events } = await ingress(t)
  t.match(await post(query({ CallbackCommand: 'ContentCallback.ResultNotify' }), '{"Scene":"C2C"}'), { status: 200 })
  t.match(await post('/?SdkAppid=1400000000', JSON.stringify(example)), { status: 200 })
  t.match(events, [{ command: 'ContentCallback.ResultNotify' }, { command }])
})

t.test('an event that cannot be kept is answered 503 with Retry-After, and is not acknowledged', async t => {
  const { post } = await ingress(t, { append: async () => { throw new Error('Redis is away') } })
  const { status, envelope, headers } = await post(query(), JSON.stringify(example))
  t.equal(status, 503)
  t.match(envelope, { ActionStatus: 'FAIL', ErrorCode: 50301 })
  t.equal(headers.get('retry-after'), '2')
})

t.test('a before-callback gets its decision whatever happens to its event', async t => {
  const { post, metrics } = await ingress(t, { append: async () => { throw new Error('Redis is away') } })
  const before = query({ CallbackCommand: 'Group.CallbackBeforeSendMsg' })
  t.match(await post(before, '{}'), { status: 200, envelope: ok })
  t.match(await post(before, 'no JSON'), { status: 200, envelope: ok })
  t.match(await metrics.text(), 'baton_before_callbacks_unkept_total 2')
})

t.test('the acknowledgement waits for the event to be kept', async t => {
  let keep = () => {}
  const kept = new Promise<void>(resolve => { keep = resolve })
  let appended = () => {}
  const appending = new Promise<void>(resolve => { appended = resolve })
  const { url, post } = await ingress(t, { append: async () => { appended(); await kept } })
  let answered = false
  const answer = post(query(), JSON.stringify(example)).then(result => { answered = true; return result })
  await appending
  for (let nth = 0; nth < 3; nth++) await fetch(`${url}/livez`) // an answer that was sent would have come by now
  t.equal(answered, false)
  keep()
  t.match(await answer, { status: 200, envelope: ok })
})

/** Sends bytes as they are, and resolves with everything that comes back. */
async function exchange (url: string, bytes: string, { end = true } = {}): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  if (end) socket.end(bytes)
  else socket.write(bytes)
  return Buffer.concat(await Readable.from(socket).toArray()).toString()
}

t.test('what is no HTTP, or no URL, gets the envelope too, and nothing of the request is repeated', async t => {
  const { url } = await ingress(t)
  for (const [bytes, status, code] of [
    ['POST /%?Sign=abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 404, 40401],
    ['nonsense\r\n\r\n', 400, 40001],
    [`POST / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 40001]
  ] as const) {
    const answer = await exchange(url, bytes)
    t.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
    t.match(answer, '"ActionStatus":"FAIL"')
    t.match(answer, `"ErrorCode":${code}`)
    t.notMatch(answer, /abc/)
  }
})

/** A callback as it stands on the wire, after which the connection is closed. */
const onWire = (body: string | Buffer, headers = '', target = query()) => `POST ${target} HTTP/1.1\r\n${headers}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body.toString('latin1')}`

t.test('no rejection goes unlogged or uncounted: neither what is no HTTP, nor no URL, nor a tunnel', async t => {
  const lines: string[] = []
  const { url, metrics } = await ingress(t, { log: createLogger('ingress', 'warn', { write: line => { lines.push(line) } }) })
  for (const [bytes, status, code, line, series] of [
    ['POST /% HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 404, 40401, /"code":40401/, 'baton_callbacks_refused_total{code="40401"} 1'],
    ['GET /% HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 405, 40501, /"code":40501/, 'baton_callbacks_refused_total{code="40501"} 1'],
    ['CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n', 405, 40501, /"code":40501/, 'baton_callbacks_refused_total{code="40501"} 2'],
    ['nonsense\r\n\r\n', 400, 40001, /"status":400,.*"reason":"HPE_INVALID_METHOD"/, 'baton_requests_malformed_total{status="400"} 1']
  ] as const) {
    const answer = await exchange(url, bytes, { end: false })
    t.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
    t.match(Value.Parse(Envelope, JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))), { ActionStatus: 'FAIL', ErrorCode: code })
    t.match(lines.pop(), line)
    t.same(lines, [], 'one line for each')
    t.match(await metrics.text(), series)
  }
})

t.test('no Host, whatever is expected, another protocol asked for, thousands of headers: a callback is a callback', async t => {
  const { url, events } = await ingress(t)
  for (const headers of ['', 'Host: x\r\nExpect: anything\r\n', 'Host: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n', 'a:\r\n'.repeat(3_000)]) {
    t.match(await exchange(url, onWire(JSON.stringify(example), headers), { end: false }), /^HTTP\/1.1 200 .*"ErrorCode":0\}$/s, headers.slice(0, 40))
  }
  t.equal(events.length, 4)
})

t.test('who asks for another protocol is parted with: Node would read no further request', async t => {
  const { url } = await ingress(t)
  const body = JSON.stringify(example)
  const answer = await exchange(url, `POST ${query()} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${body.length}\r\n\r\n${body}`, { end: false })
  t.match(answer, /^HTTP\/1.1 200 .*\r\nConnection: close\r\n/s)
})

t.test('what is no HTTP behind a callback takes no answer away, and gets its own', async t => {
  let keep = () => {}
  const kept = new Promise<void>(resolve => { keep = resolve })
  const { url, app } = await ingress(t, { append: async () => { await kept } })
  const body = JSON.stringify(example)
  const callback = `POST ${query()} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  app.server.once('clientError', () => { setImmediate(keep) })
  const answers = await exchange(url, `${callback}${callback}nonsense\r\n\r\n`, { end: false })
  t.match(answers, /^HTTP\/1.1 200 .*"ErrorCode":0\}HTTP\/1.1 200 .*"ErrorCode":0\}HTTP\/1.1 400 .*"ErrorCode":40001\}$/s)
})

t.test('a before-callback that the body alone names gets its decision too, however unfit', async t => {
  const { post, quarantined } = await ingress(t)
  t.match(await post('/?SdkAppid=1400000000', '{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":5}'), { status: 200, envelope: ok })
  t.match(quarantined, [{ kind: 'unfit-field', command: 'Group.CallbackBeforeSendMsg' }])
})

t.test('a before-callback that does not come whole asked nothing: no decision is counted', async t => {
  const { url, metrics } = await ingress(t)
  const answer = await exchange(url, `POST ${query({ CallbackCommand: 'Group.CallbackBeforeSendMsg' })} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a"\r\nzz\r\n`, { end: false })
  t.match(answer, /^HTTP\/1.1 400 [^{]*\{[^{]*\}$/, 'one answer')
  t.match(await metrics.text(), 'baton_before_callbacks_unkept_total 0')
})

t.test('the answer to a body over the limit waits for a client that sends all of it first, and the connection goes on', async t => {
  const { url } = await ingress(t)
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const large = 'x'.repeat(4 * 1_048_576)
  for (const framing of [`Content-Length: ${large.length}\r\n\r\n${large}`, `Transfer-Encoding: chunked\r\n\r\n${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`]) {
    await new Promise<void>(resolve => { socket.write(`POST ${query()} HTTP/1.1\r\nHost: x\r\n${framing}`, () => { resolve() }) })
    const [answer] = await once(socket, 'data')
    t.match(String(answer), /^HTTP\/1.1 413 .*"ErrorCode":41301\}$/s)
  }
  socket.write(onWire(JSON.stringify(example)))
  t.match(Buffer.concat(await Readable.from(socket).toArray()).toString(), /^HTTP\/1.1 200 /)
})

t.test('who goes on sending what is no HTTP is not cut off before the answer is read', async t => {
  const { url, app } = await ingress(t)
  const { hostname, port } = new URL(url)
  const errors: Error[] = []
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true }).on('error', error => { errors.push(error) })
  socket.write(`POST / HTTP/1.1\r\nA: ${'x'.repeat(20_000)}`)
  const [answer] = await once(socket, 'data')
  t.match(String(answer), /^HTTP\/1.1 431 /)
  const more = once(app.server, 'clientError')
  socket.write('x'.repeat(100_000))
  await more
  socket.end('x'.repeat(1_000_000))
  await once(socket, 'close')
  t.same(errors, [])
})

t.test('lists nested as deeply as a body can be are relayed, in a field that is documented or not', async t => {
  const { post, events } = await ingress(t)
  const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`
  for (const field of ['New', 'UserList']) {
    const body = JSON.stringify({ ...examples['Call.CallbackAfterStartCall'], [field]: 'deep' }).replace('"deep"', deep)
    t.match(await post(query({ CallbackCommand: 'Call.CallbackAfterStartCall' }), body), { status: 200, envelope: ok }, field)
  }
  t.equal(events.length, 2)
})

t.test('a client that hangs up in mid-body is nobody\'s error, and does not hold up closing', async t => {
  const { url, metrics, app } = await ingress(t)
  const { hostname, port } = new URL(url)
  const half = `POST ${query()} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"a"`
  const gone = connect(Number(port), hostname)
  gone.write(half)
  await once(app.server, 'request')
  gone.destroy()
  const stays = connect(Number(port), hostname)
  stays.on('error', () => {}).write(half)
  await once(app.server, 'request')
  const closed = once(stays, 'close')
  await app.close()
  await closed
  t.notMatch(await metrics.text(), /refused_total\{.*\} [1-9]/)
})

t.test('a before-callback is allowed even when its body is too large', async t => {
  const { post } = await ingress(t)
  t.match(await post(query({ CallbackCommand: 'C2C.CallbackBeforeSendMsg' }), 'x'.repeat(1_048_577)), { status: 200, envelope: ok })
})

t.test('livez, readyz and metrics answer, and a keep-alive connection serves many callbacks', async t => {
  const { url } = await ingress(t)
  for (const path of ['/livez', '/readyz', '/metrics']) t.equal((await fetch(url + path)).status, 200, path)
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const body = JSON.stringify(example)
  for (let nth = 0; nth < 3; nth++) {
    socket.write(`POST ${query()} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    const [chunk] = await once(socket, 'data')
    t.match(String(chunk), /^HTTP\/1.1 200 /)
  }
  socket.destroy()
})

t.test('every metric stands in the table with its type and labels, and nothing else does', async t => {
  const { metrics } = await ingress(t)
  const [, section = ''] = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8').split(/^## Ingress$|^## Worker$/m)
  const rows = [...section.matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) ?\| /gm)].map(([, name, type, labels = '']) => ({ name, type, labels: [...labels.matchAll(/\w+/g)].map(([label]) => label) }))
  t.same(rows.toSorted((a, b) => String(a.name).localeCompare(String(b.name))), metrics.described.toSorted((a, b) => a.name.localeCompare(b.name)))
})

t.test('metrics tell of journal, forwarder and quarantine what is known, and leave out what is not', async t => {
  const journal = {
    stats: () => ({ depth: 5, unsettled: 3, oldestReceivedAt: 0, oldestUnsettledAt: Date.now() - 90_000, bytes: { unsettled: 300, retained: 200, file: 4_096, free: 9_999 } }),
    obstacle: () => 'the disk is full'
  }
  const forwarding: Parameters<typeof ingressMetrics>[1] & { stoppedSince?: number | null } = { forwarded: 250, jobs: 3, unprotected: 4, drift: { fresh: 6, unlisted: 5 }, room: { used: 70, bound: Infinity } }
  const metrics = ingressMetrics(journal, forwarding, { kept: 4, lost: 1 })
  const text = await metrics.text()
  for (const line of [
    'baton_journal_events 5', 'baton_journal_unsettled_events 7', 'baton_journal_unprotected_events 4', 'baton_journal_unsettled_bytes 300', 'baton_journal_retained_bytes 200', 'baton_journal_file_bytes 4096',
    'baton_journal_free_bytes 9999', 'baton_journal_refuses 1', 'baton_events_forwarded_total 250', 'baton_jobs_forwarded_total 3', 'baton_redis_used_bytes 70',
    'baton_quarantine_kept_total 4', 'baton_quarantine_lost_total 1', 'baton_drift_new_total 6', 'baton_drift_unlisted_total 5', 'baton_callbacks_refused_total{code="50301"} 0', 'baton_callbacks_accepted_total{known="true"} 0'
  ]) t.match(text, `${line}\n`)
  t.match(text, /^baton_journal_oldest_unsettled_seconds (90|91)(\.\d+)?$/m)
  t.notMatch(text, /^baton_(redis_bound_bytes|forwarding_stopped_seconds) /m)
  forwarding.stoppedSince = null
  t.match(await metrics.text(), /^baton_forwarding_stopped_seconds 0$/m)
  forwarding.stoppedSince = Date.now() - 5_000
  t.match(await metrics.text(), /^baton_forwarding_stopped_seconds [56]/m)
})

t.test('times of receipt never stand still', async t => {
  const clock = receiptClock(() => 1_000)
  t.same([clock(), clock(), clock()], [1_000, 1_000 + 1 / 1_024, 1_000 + 2 / 1_024])
  const real = receiptClock()
  const times = Array.from({ length: 100_000 }, real)
  t.ok(times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0)))
  t.ok((times.at(-1) ?? 0) - Date.now() < 100, 'and do not run ahead')
})
