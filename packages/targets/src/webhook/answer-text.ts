import type { Readable } from 'node:stream'
import { longestAnswer } from '../outcome.ts'

/** What is read of an answer: enough for the text that is kept, also where secrets are cut out of it; and to the end, where that is near, so that the connection can be used again. */
const most = { kept: 8_192, read: 65_536, milliseconds: 1_000 }

/**
 * What an answer begins with; undefined where it is empty, or compressed, which nobody asked for. Never rejects: a status has been said by then, whatever becomes of the body.
 * Longer ones, and those that take longer, are left, and their connection is closed.
 */
export async function beginningOf ({ headers, body }: { headers: NodeJS.Dict<string | string[]>, body: Readable }): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let length = 0
  const timer = setTimeout(() => { body.destroy() }, most.milliseconds)
  try {
    for await (const part of body) {
      if (!Buffer.isBuffer(part)) continue
      if (length < most.kept) parts.push(part)
      length += part.length
      if (length > most.read) break // which closes the connection
    }
  } catch {
    // What came before it broke off is told all the same.
  } finally {
    clearTimeout(timer)
  }
  return headers['content-encoding'] === undefined && length > 0 ? Buffer.concat(parts).subarray(0, most.kept) : undefined
}

/** Receivers echo what they are sent, and that may be what proves who Baton is: as long as this is a secret to be kept from whoever reads dead letters. */
const shortestSecret = 8

/** Makes text of what an answer begins with, without the values of the operator's own headers. */
export function answerText (headers: Readonly<Record<string, string>>): (bytes: Uint8Array | undefined) => string | undefined {
  const secrets = Object.values(headers).flatMap(value => [value, ...value.split(' ')]).filter(({ length }) => length >= shortestSecret).sort((a, b) => b.length - a.length)
  return bytes => {
    const text = new TextDecoder().decode(bytes, { stream: true }) // what is cut off within a character is left out
    const [...characters] = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), text).trim()
    return characters.length === 0 ? undefined : characters.slice(0, longestAnswer).join('')
  }
}
