import type { Draft } from './draft.ts'
import { verdictsOn } from './error-table.ts'
import type { Randomness } from './randomness.ts'
import { malformed, type Verdict } from './verdict.ts'

/** What is done on a connection. */
export type Step =
  | { send: Buffer }
  /** ms. */
  | { wait: number }
  /** For `100 Continue`, or the answer. */
  | 'await'
  /** Ends our half of the connection. */
  | 'half-close'
  /** Ends it at once, whatever is on its way. */
  | 'reset'

export interface Expected {
  verdicts: Verdict[]
  /** To HEAD: an answer without a body. */
  bodyless: boolean
}

/** One or more requests in a row, and their answers. */
export interface FuzzCase {
  number: number
  /** What it is, in words. */
  changes: string[]
  steps: Step[]
  expected: Expected[]
  /** An answer that may follow, before the connection is closed. */
  coda: Verdict[]
  /** Who closes the connection afterwards. */
  closer: 'nobody' | 'server' | 'client'
}

export const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')

/** Bytes of URL and headers at which Node refuses them. */
const headLimit = 16_384
/** Bytes, either way, in which its count may differ from ours. */
const headMargin = 64

/** What becomes of a draft that is sent whole. */
export function expectedOf (draft: Draft, { size = draft.body.length, body = draft.body }: { size?: number, body?: Buffer } = {}): Expected {
  const { method, target, now } = draft
  const counted = target.length + draft.headers.reduce((sum, line) => sum + line.replaceAll(/:[ \t]*|\r\n/g, '').length, 0)
  const verdicts = counted < headLimit + headMargin ? verdictsOn({ method, target, body, size, now }) : []
  if (counted >= headLimit - headMargin) verdicts.push(malformed(431))
  if (draft.dubious) verdicts.push(malformed(400))
  return { verdicts, bodyless: method === 'HEAD' }
}

/** A body in chunks. */
export function chunked (random: Randomness, body: Buffer): Buffer {
  const parts: Buffer[] = []
  const [extension, trailer] = [random.pick(['', '', ';a', ';a=b;c="d"']), random.pick(['', '', 'Sign: x\r\n', 'A: 1\r\nB: 2\r\n'])]
  const largest = random.pick([3, 100, 5_000, 2_000_000]) * Math.ceil(body.length / 200_000)
  for (let at = 0; at < body.length;) {
    const part = body.subarray(at, at + random.between(1, largest))
    parts.push(bytesOf(`${random.chance(0.1) ? '000' : ''}${part.length.toString(16)}${extension}\r\n`), part, bytesOf('\r\n'))
    at += part.length
  }
  return Buffer.concat([...parts, bytesOf(`0\r\n${trailer}\r\n`)])
}

/** The same bytes in several writes. */
export function inPieces (random: Randomness, bytes: Buffer): Step[] {
  const cuts = Array.from({ length: random.between(1, 5) }, () => random.below(bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...cuts].flatMap((from, nth): Step[] => [{ send: bytes.subarray(from, cuts[nth] ?? bytes.length) }, { wait: random.below(4) }])
}
