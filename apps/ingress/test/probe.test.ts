import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import { Value } from '@sinclair/typebox/value'
import { Envelope, ProbeReport, markOf, probeCommand, probeHeader, refusals, signatureOf } from '@baton/contracts'
import { createLogger, type AppsSettings } from '@baton/runtime'
import { listening, metricsWithout } from './listening.ts'

/** An ingress over real HTTP, and everything that might be left of a callback. */
async function ingress (t: Test, { apps = [{ sdkAppId: 1400000000, freshness: 300_000, tokens: ['token'] }], obstacle }: { apps?: AppsSettings, obstacle?: string } = {}) {
  const traces: unknown[] = []
  const lines: string[] = []
  const trace = (what: unknown) => { traces.push(what) }
  const quarantine = { kept: 0, lost: 0, handOver: trace, lose: () => { trace('lost') } }
  const { url, metrics } = await listening(t, {
    apps,
    append: async event => { trace(event) },
    obstacle: async () => obstacle,
    quarantine,
    metrics: metricsWithout({ quarantine }),
    drift: { note: trace },
    log: createLogger('ingress', 'info', { write: line => { lines.push(line) } })
  })
  const post = async (query: string, body: string | Uint8Array<ArrayBuffer> = '{}') => {
    const response = await fetch(`${url}/?${query}`, { method: 'POST', body })
    const header = response.headers.get(probeHeader)
    return {
      status: response.status,
      envelope: Value.Parse(Envelope, await response.json()),
      header,
      report: header === null ? undefined : Value.Parse(ProbeReport, JSON.parse(header))
    }
  }
  /** That the last probes were counted, and are nowhere else. */
  const leftNothing = async (t: Test, counts: Record<number, number>) => {
    t.same(traces, [], 'neither kept, nor quarantined, nor noted as drift')
    t.notMatch(lines.join(''), /callback refused|WRONGLY_SIGNED|"level":(4|5)0/)
    const text = await metrics.text()
    t.notMatch(text, /^baton_(callbacks|quarantine|before)\w*\{?.*\}? [1-9]/m)
    t.notMatch(text, /^baton_ack_seconds_count [1-9]/m)
    for (const [code, count] of Object.entries(counts)) t.match(text, `baton_probes_total{code="${code}"} ${count}\n`)
  }
  return { url, post, lines, traces, leftNothing, metrics }
}

const signed = (token = 'token', at = Date.now()) => {
  const time = String(Math.floor(at / 1_000))
  return `RequestTime=${time}&Sign=${signatureOf(token, time)}`
}
const probe = `SdkAppid=1400000000&CallbackCommand=${probeCommand}`
const sha256 = (body: string | Uint8Array) => createHash('sha256').update(body).digest('hex')

t.test('a probe is acknowledged and told how it arrived, and leaves nothing but a count', async t => {
  const { post, leftNothing } = await ingress(t)
  const before = Date.now()
  const sign = signed()
  const { status, envelope, report, header } = await post(`${probe}&Odd=a%2Bb+%23&Odd=&%E7%BE%A4%0D%0A"=1&${sign}`, `{"CallbackCommand":"${probeCommand}"}`)
  t.same({ status, envelope }, { status: 200, envelope: { ActionStatus: 'OK', ErrorInfo: '', ErrorCode: 0 } })
  t.match(report, {
    v: 1,
    raw: markOf(`${probe}&Odd=a%2Bb+%23&Odd=&%E7%BE%A4%0D%0A%22=1&${sign.split('&')[0]}`),
    query: [['SdkAppid', markOf('1400000000')], ['CallbackCommand', markOf(probeCommand)], ['Odd', markOf('a+b #')], ['Odd', markOf('')], ['???"', markOf('1')], ['RequestTime', String], ['Sign', '']],
    more: 0,
    method: 'POST',
    bytes: 33,
    sha256: sha256(`{"CallbackCommand":"${probeCommand}"}`),
    address: '127.0.0.1',
    freshness: 300_000,
    version: /^\d+\.\d+\.\d+/
  })
  t.ok(Number(report?.at) >= before && Number(report?.at) <= Date.now())
  t.notMatch(header, sign.split('=').at(-1), 'the signature is not repeated')
  await leftNothing(t, { 0: 1 })
})

t.test('a probe is named by the query, or by the body where the query has lost the command', async t => {
  const { post, leftNothing } = await ingress(t)
  t.match(await post(`SdkAppid=1400000000&${signed()}`, `{"CallbackCommand":"${probeCommand}"}`), { status: 200, report: { query: [['SdkAppid'], ['RequestTime'], ['Sign']] } })
  t.match(await post(`${probe}&${signed()}`, '{}'), { status: 200, report: { bytes: 2 } })
  await leftNothing(t, { 0: 2 })
})

for (const [title, query, body, kind] of [
  ['without a signature', probe, '{}', 'sign-missing'],
  ['wrongly signed', `${probe}&${signed('other')}`, '{}', 'sign-wrong'],
  ['stale', `${probe}&${signed('token', 0)}`, '{}', 'sign-stale'],
  ['of a foreign app', `CallbackCommand=${probeCommand}&SdkAppid=5&${signed()}`, '{}', 'wrong-app'],
  ['over the limit', `${probe}&${signed()}`, 'x'.repeat(1_048_577), 'body-too-large']
] as const) {
  t.test(`a probe ${title} gets the refusal of a callback, is told nothing, and leaves nothing`, async t => {
    const { post, leftNothing } = await ingress(t)
    t.match(await post(query, body), { status: refusals[kind].status, envelope: { ActionStatus: 'FAIL', ErrorCode: refusals[kind].code }, header: null })
    await leftNothing(t, { [refusals[kind].code]: 1 })
  })
}

for (const [title, query, body, kind] of [
  ['whose body was cut', probe, '{"a": "', 'not-json-object'],
  ['that names another command in its body', probe, '{"CallbackCommand":"Group.CallbackBeforeSendMsg"}', 'commands-differ'],
  ['with two commands', `${probe}&CallbackCommand=Other`, '{}', 'commands-differ']
] as const) {
  t.test(`a probe ${title} is told so`, async t => {
    const { post, leftNothing } = await ingress(t)
    t.match(await post(`${query}&${signed()}`, body), { status: refusals[kind].status, envelope: { ErrorCode: refusals[kind].code }, report: { bytes: body.length, sha256: sha256(body) } })
    await leftNothing(t, { [refusals[kind].code]: 1 })
  })
}

t.test('a probe of 1 MiB fits, as a callback does', async t => {
  const { post } = await ingress(t)
  const body = JSON.stringify({ filler: 'x'.repeat(1_048_576 - '{"filler":""}'.length) })
  t.match(await post(`${probe}&${signed()}`, body), { status: 200, report: { bytes: 1_048_576, sha256: sha256(body) } })
})

t.test('a probe is refused while no event can be kept, without saying why to whoever asks', async t => {
  const { post, leftNothing } = await ingress(t, { obstacle: 'the disk of /var/lib/secret is full' })
  const { status, envelope, report } = await post(`${probe}&${signed()}`)
  t.match({ status, envelope, report }, { status: 503, envelope: { ErrorCode: refusals['not-durable'].code, ErrorInfo: /readyz/ }, report: { v: 1 } })
  t.notMatch(envelope.ErrorInfo, /secret/)
  await leftNothing(t, { 50301: 1 })
})

t.test('every other command of Baton itself is refused, and neither relayed nor kept', async t => {
  const { post, leftNothing } = await ingress(t)
  for (const command of ['Baton.', 'Baton.CallbackBeforeAnything', 'Baton.Other']) {
    t.match(await post(`SdkAppid=1400000000&CallbackCommand=${command}&${signed()}`), { status: 400, envelope: { ErrorCode: refusals['no-command'].code, ErrorInfo: /reserved/ } }, command)
    t.match(await post(`SdkAppid=1400000000&${signed()}`, JSON.stringify({ CallbackCommand: command })), { status: 400, envelope: { ErrorCode: refusals['no-command'].code } }, command)
  }
  t.match(await post(`SdkAppid=1400000000&CallbackCommand=Baton.CallbackBeforeAnything&${signed()}`, 'x'.repeat(1_048_577)), { status: 413 }, 'there is nothing to decide')
  await leftNothing(t, { 40003: 6, 41301: 1 })
})

t.test('who need not sign may be a stranger: he is told what he sent, and nothing of us', async t => {
  const { post } = await ingress(t, { apps: [{ sdkAppId: 1400000000, freshness: 300_000 }] })
  const { report } = await post(probe)
  t.same(Object.keys(report ?? {}).sort(), ['at', 'bytes', 'method', 'more', 'query', 'raw', 'sha256', 'v'])
})

t.test('however much is sent, the report is small, and the log has a line a minute', async t => {
  const { post, lines } = await ingress(t)
  const long = Array.from({ length: 60 }, (_, nth) => `${'"\\'.repeat(30)}${nth}=${nth}`).join('&')
  const { header, report } = await post(`${probe}&${signed()}&${long}`)
  t.match(report, { more: 32, query: { length: 32 } })
  t.ok(Buffer.byteLength(header ?? '') < 4_096, `${header?.length} bytes`)
  for (let nth = 0; nth < 5; nth++) await post(`${probe}&${signed()}`)
  t.equal(lines.filter(line => line.includes('baton doctor')).length, 1)
})
