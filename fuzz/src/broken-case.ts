import { Draft } from './draft.ts'
import type { Randomness } from './randomness.ts'
import { malformed, series, silence, type Verdict } from './verdict.ts'
import { bytesOf, expectedOf, type FuzzCase } from './wire.ts'

/** A request that is not HTTP, made of one that is. */
interface Broken {
  bytes: Buffer
  /** Parsers differ: some take it for a request, and then this is what becomes of it. */
  lenient?: Verdict[]
  /** What becomes of it; no HTTP, if left out. */
  verdict?: Verdict
  /** A parser waits for more; nothing more comes. */
  ended?: true
}

type Break = (random: Randomness, draft: Draft) => Broken

const whole = (draft: Draft, framing: readonly string[], body: Buffer | string = draft.body): Buffer => Buffer.concat([bytesOf(`${draft.head(framing)}\r\n`), Buffer.from(body)])
const framed = (draft: Draft): Buffer => whole(draft, [`Content-Length: ${draft.body.length}`])
const inChunks = (draft: Draft, body: string): Buffer => whole(draft, ['Transfer-Encoding: chunked'], body)
const firstLine = (draft: Draft, line: string): Buffer => bytesOf(`${line}\r\n`.concat(framed(draft).toString('latin1').replace(/^.*\r\n/, '')))

const strangers = [
  '\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03', 'SSH-2.0-OpenSSH_9\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '*1\r\n$4\r\nPING\r\n', 'EHLO example.com\r\n', '\0'.repeat(100), 'GET\r\n\r\n', 'nonsense', '{"CallbackCommand":"a"}', '\x05\x01\x00', '\xFF\xFE'
]
const methods = ['FOO', 'post', 'Post', 'P\0ST', ' POST', 'PRI', 'POSTX', 'POS', '', '\x80', 'GE T', 'HTTP/1.1']
const versions = ['HTTP/1.2', 'HTTP/3.0', 'HTTP/9.9', 'HTP/1.1', 'HTTP/1', 'HTTP/1.', 'http/1.1', 'HTTP/1.10', 'HTTP/11', 'HTTP 1.1', 'HTTPS/1.1', '']
const headerLines = ['banana', 'ban ana: x', 'Host : x', ': x', ' A: x', 'A: \x01', 'A: \0', 'A: b\rc', 'A\0: b', 'A(: b', 'A\x80: b', 'A: \x7F']
const lengths = ['-1', '+5', '0x10', '1.5', '99999999999999999999999', '18446744073709551616', 'a', '5 5', '5, 5', '5;', '1_0', '\u00B2', '']
const codings = ['identity', 'gzip', 'chunked, chunked', 'chunked, identity', 'chunked, gzip', 'xchunked', 'chunkedx', 'chunked;', '"chunked"', 'chunked\r\nTransfer-Encoding: identity']
const sizes = ['zz', '-5', '', 'g', '0x5', 'ffffffffffffffffffff', '5\n', '5\r', '\0', '5;\0', '5 5', ';', '\u00B2']

const breaks: Record<string, readonly [weight: number, Break]> = {
  'a tunnel': [1, () => ({ bytes: bytesOf('CONNECT ingress:80 HTTP/1.1\r\nHost: ingress\r\n\r\n'), verdict: { ending: 'refused 40501', traces: { counted: [series.refused(40501)] } } })],
  'another protocol': [3, (random) => ({ bytes: bytesOf(random.pick(strangers)), ended: true })],
  noise: [1, (random) => ({ bytes: Buffer.from(`\x80${'x'.repeat(random.below(3))}`, 'latin1'), ended: true })],
  'a method that there is not': [3, (random, draft) => ({ bytes: firstLine(draft, `${random.pick(methods)} ${draft.target} HTTP/1.1`) })],
  'a version that there is not': [3, (random, draft) => ({ bytes: firstLine(draft, `POST ${draft.target} ${random.pick(versions)}`), ended: true })],
  'another version': [1, (random, draft) => ({ bytes: firstLine(draft, `POST ${draft.target} ${random.pick(['HTTP/0.9', 'HTTP/2.0'])}`), lenient: expectedOf(draft).verdicts, ended: true })],
  'a URL with a space': [2, (_random, draft) => ({ bytes: firstLine(draft, `POST ${draft.target.replace('&', ' &')} HTTP/1.1`) })],
  'no URL': [1, (random, draft) => ({ bytes: firstLine(draft, random.pick(['POST HTTP/1.1', 'POST  HTTP/1.1', 'POST x HTTP/1.1', 'POST ?a HTTP/1.1', 'POST'])), ended: true })],
  'a header line that is none': [4, (random, draft) => {
    draft.headers.push(random.pick(headerLines))
    return { bytes: framed(draft), lenient: expectedOf(draft).verdicts }
  }],
  'a folded header': [0.5, (_random, draft) => {
    draft.headers.push('A: b\r\n c')
    return { bytes: framed(draft), lenient: expectedOf(draft).verdicts }
  }],
  'line feeds alone': [1, (_random, draft) => ({ bytes: bytesOf(`${draft.head([`Content-Length: ${draft.body.length}`])}\r\n`.replaceAll('\r', '').concat(draft.body.toString('latin1'))), lenient: expectedOf(draft).verdicts, ended: true })],
  'carriage returns alone': [1, (_random, draft) => ({ bytes: bytesOf(framed(draft).toString('latin1').replaceAll('\n', '')), ended: true })],
  'a Content-Length that is none': [4, (random, draft) => ({ bytes: whole(draft, [`Content-Length: ${random.pick(lengths)}`]) })],
  'Content-Length twice': [2, (random, draft) => ({ bytes: whole(draft, [`Content-Length: ${draft.body.length}`, `Content-Length: ${draft.body.length + random.below(2)}`]) })],
  'Content-Length and chunks': [3, (random, draft) => ({
    bytes: whole(draft, random.shuffled([`Content-Length: ${random.pick([0, 4, draft.body.length])}`, 'Transfer-Encoding: chunked']), Buffer.concat([Buffer.from('0\r\n\r\n'), framed(draft)]))
  })],
  'a transfer coding that there is not': [4, (random, draft) => ({ bytes: whole(draft, [`Transfer-Encoding: ${random.pick(codings)}`], `${draft.body.length.toString(16)}\r\n${draft.body.toString()}\r\n0\r\n\r\n`), ended: true })],
  'a chunk size that is none': [4, (random, draft) => ({ bytes: inChunks(draft, `${random.pick(sizes)}\r\n${draft.body.toString()}\r\n0\r\n\r\n`) })],
  'a chunk longer than its size': [2, (_random, draft) => ({ bytes: inChunks(draft, `1\r\n${draft.body.toString()}\r\n0\r\n\r\n`) })],
  'a chunk shorter than its size': [1, (_random, draft) => ({ bytes: inChunks(draft, `${(draft.body.length + 1_000).toString(16)}\r\n${draft.body.toString()}\r\n0\r\n\r\n`), ended: true })],
  'a chunk extension without end': [1, (_random, draft) => ({ bytes: inChunks(draft, `1;${'a'.repeat(20_000)}\r\n`), ended: true })],
  'a trailer without end': [1, (_random, draft) => ({ bytes: inChunks(draft, `0\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`), verdict: malformed(431), ended: true })]
}

const weights = Object.entries(breaks).map(([name, [weight, make]]) => [weight, { name, make }] as const)

/** A request that breaks the rules of HTTP: it gets the envelope and the connection is closed, and nothing else of it is taken for a request. */
export function brokenCase (random: Randomness, number: number, now: number): FuzzCase {
  const draft = new Draft(random, number, now)
  const { name, make } = random.weighted(weights)
  const { bytes, lenient = [], verdict = malformed(400), ended = false } = make(random, draft)
  return {
    number,
    changes: [`broken: ${name}`],
    steps: [{ send: bytes }, ...(ended ? ['half-close' as const] : [])],
    expected: [{ verdicts: [verdict, ...lenient, ...(ended && lenient[0] !== undefined ? [silence(lenient[0].traces)] : [])], bodyless: false }],
    coda: lenient.length > 0 ? [malformed(400)] : [],
    closer: 'server'
  }
}
