import { hash, randomBytes } from 'node:crypto'
import { catalogue } from './catalogue.ts'

export interface EventIdentity {
  appId: number
  command: string
  body: Buffer
  /** Whether the body carries an EventTime: then the body alone tells one occurrence from the next. */
  hasEventTime: boolean
  /** The `RequestID` query parameter, which stands in for a missing EventTime. */
  requestId: string | undefined
}

/**
 * The id of an event. The same callback, sent again, gets the same id; without EventTime and RequestID nothing tells a repeat
 * from a second occurrence (a topic renamed A, B, A), so the id is fresh and both are delivered.
 */
export function eventIdOf ({ appId, command, body, hasEventTime, requestId }: EventIdentity): string {
  if (!hasEventTime && !requestId) return `evt_${base32(randomBytes(32).toString('binary'))}`
  const occurrence = hasEventTime || requestId === undefined ? '""' : JSON.stringify(requestId)
  const identity = `[${appId},${quoted.get(command) ?? JSON.stringify(command)},${occurrence}]`
  return `evt_${base32(hash('sha256', joined(identity, body), 'binary'))}` // in one call: half the time of createHash
}

// Each acknowledgement waits for this, so what is below does by hand what JSON, Buffer.concat and BigInt would do in twice the time.

/** Commands as JSON spells them. */
const quoted = new Map(Object.keys(catalogue).map(command => [command, JSON.stringify(command)]))

/** Where most bodies fit; it holds what was joined last. */
const scratch = Buffer.allocUnsafe(64 << 10)

/** Valid until the next call: memory of its own for each would take longer than the copy. */
function joined (text: string, body: Buffer): Buffer {
  if (3 * text.length + body.length > scratch.length) return Buffer.concat([Buffer.from(text), body])
  const end = scratch.write(text)
  scratch.set(body, end)
  return scratch.subarray(0, end + body.length)
}

const digits = '0123456789abcdefghijklmnopqrstuv'
const pairs = Array.from({ length: 1024 }, (_, bits) => digits.charAt(bits >> 5) + digits.charAt(bits & 31))

/** Base32 with the digits 0-9 and a-v (RFC 4648 "extended hex"), lower case, of 32 bytes as one number: 52 characters. */
function base32 (bytes: string): string {
  let text = ''
  let bits = 0
  let length = 4 // 256 bits are four less than 52 digits have
  for (let at = 0; at < bytes.length; at++) {
    bits = bits << 8 & 0x3ff00 | bytes.charCodeAt(at)
    length += 8
    if (length < 10) continue
    length -= 10
    text += pairs[bits >> length & 0x3ff]
  }
  return text
}
