import { gzipSync } from 'node:zlib'
import { noToken } from './odd-tokens.ts'
import type { Randomness } from './randomness.ts'

/** Changes the bytes of a body, whatever they say. */
type Change = (random: Randomness, body: Buffer) => Buffer

/** Bytes that stand in no UTF-8 text: bare continuations, cut and overlong sequences, halves of surrogate pairs, what lies beyond U+10FFFF. */
const noUtf8 = ['80', 'BF', 'C0', 'C080', 'C1BF', 'C3', 'E08080', 'E282', 'EDA080', 'EDBFBF', 'EDA0BDEDB880', 'F0808080', 'F09F98', 'F4908080', 'F5', 'F888808080', 'FE', 'FF', 'FFFE']
const byteOrderMark = Buffer.from('EFBBBF', 'hex')
const comments = ['//x\n', '/**/', '#x\n', '<!---->', '--x\n']
/** What JSON takes for white space, and what it does not. */
const blanks = [' ', '\n', '\r\n', '\t', '\v', '\f', '\u00A0', '\u2028', '\u3000', '\0']

function inserted (random: Randomness, body: Buffer, what: Buffer | string): Buffer {
  const at = random.between(0, body.length)
  return Buffer.concat([body.subarray(0, at), Buffer.from(what), body.subarray(at)])
}

const placed = (random: Randomness, body: Buffer, what: Buffer | string): Buffer =>
  random.pick([() => Buffer.concat([Buffer.from(what), body]), () => Buffer.concat([body, Buffer.from(what)]), () => inserted(random, body, what)])()

const changes: Record<string, readonly [weight: number, Change]> = {
  'cut off': [4, (random, body) => body.subarray(0, random.below(body.length + 1))],
  'its beginning cut off': [1, (random, body) => body.subarray(random.below(body.length + 1))],
  'a bit flipped': [4, (random, body) => {
    const changed = Buffer.from(body)
    const at = random.below(body.length)
    changed.writeUInt8(changed.readUInt8(at) ^ 1 << random.below(8), at)
    return changed
  }],
  'a byte inserted': [3, (random, body) => inserted(random, body, Buffer.of(random.below(256)))],
  'a byte removed': [2, (random, body) => {
    const at = random.below(body.length)
    return Buffer.concat([body.subarray(0, at), body.subarray(at + 1)])
  }],
  'a part twice': [1, (random, body) => inserted(random, body, body.subarray(random.below(body.length), random.below(body.length + 1)))],
  'no UTF-8': [6, (random, body) => inserted(random, body, Buffer.from(random.pick(noUtf8), 'hex'))],
  'a byte order mark': [4, (random, body) => random.pick([
    () => Buffer.concat([byteOrderMark, body]),
    () => Buffer.concat([byteOrderMark, byteOrderMark, body]),
    () => Buffer.concat([body, byteOrderMark]),
    () => inserted(random, body, byteOrderMark)
  ])()],
  'another encoding': [1, (random, body) => random.pick([
    () => Buffer.from(`\uFEFF${body.toString()}`, 'utf16le'),
    () => Buffer.from(body.toString(), 'utf16le'),
    () => Buffer.from(body.toString(), 'utf16le').swap16(),
    () => Buffer.from(body.toString(), 'latin1'),
    () => Buffer.from(body.toString('base64')),
    () => gzipSync(body)
  ])()],
  'a comment': [2, (random, body) => placed(random, body, random.pick(comments))],
  'white space': [2, (random, body) => placed(random, body, random.pick(blanks))],
  'a trailing comma': [1, (_random, body) => Buffer.concat([body.subarray(0, -1), Buffer.from(',}')])],
  'single quotes': [0.5, (_random, body) => Buffer.from(body.toString().replaceAll('"', "'"))],
  'two documents': [1, (random, body) => Buffer.concat([body, Buffer.from(random.pick(['', '\n', ','])), body])],
  'no JSON inserted': [1, (random, body) => placed(random, body, noToken(random))],
  empty: [1, () => Buffer.alloc(0)],
  'a form': [0.5, () => Buffer.from('CallbackCommand=Group.CallbackAfterCreateGroup&GroupId=1')],
  noise: [0.5, random => Buffer.from(Array.from({ length: random.between(1, 2_000) }, () => random.below(256)))]
}

const weights = Object.entries(changes).map(([name, [weight, change]]) => [weight, { name, change }] as const)

/** Changes the bytes of a body. Answers what it did. */
export function changeBytes (random: Randomness, body: Buffer): { name: string, body: Buffer } {
  if (body.length === 0) return { name: 'nothing', body }
  const { name, change } = random.weighted(weights)
  return { name, body: change(random, body) }
}

/** The largest body that the ingress takes, in bytes. */
export const bodyLimit = 1_048_576

/** The body, filled up to so many bytes; with white space, where it is JSON it stays JSON. */
export function filledTo (random: Randomness, body: Buffer, size: number): Buffer {
  const missing = Math.max(0, size - body.length)
  return random.chance(0.5)
    ? Buffer.concat([body, Buffer.alloc(missing, ' ')])
    : Buffer.concat([body.subarray(0, -1), Buffer.from(',"f":"'), Buffer.alloc(Math.max(0, missing - 7), 'x'), Buffer.from('"}')])
}
