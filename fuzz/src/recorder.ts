import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Event } from '@baton/contracts'

/** Longer query strings are not delivered. */
const longestQuery = 8_192

/** A webhook that takes every delivery and notes what it was. */
export class Recorder {
  readonly #server: Server
  /** Digests of deliveries, by the id of the event. */
  readonly #delivered = new Map<string, Set<string>>()
  readonly #forget: number
  #arrived = 0

  /** @param forget the how many-eth delivery is not noted, to see it missed */
  constructor ({ forget = -1 }: { forget?: number } = {}) {
    this.#forget = forget
    this.#server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        this.#note(request, Buffer.concat(chunks))
        response.end()
      })
    })
  }

  async listen (): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port ?? 0 : 0}/`
  }

  async close (): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>(resolve => { this.#server.close(() => { resolve() }) })
  }

  /** What is wrong with the deliveries, in words, if these are the events. Of a callback that came twice only one is delivered, whichever. */
  complaints (events: ReadonlyMap<string, ReadonlySet<string>>): string[] {
    const missing = [...events].filter(([id]) => !this.#delivered.has(id))
    const changed = [...this.#delivered].filter(([id, digests]) => [...digests].some(digest => events.get(id)?.has(digest) === false))
    const strange = [...this.#delivered.keys()].filter(id => !events.has(id))
    return [
      ...(missing.length > 0 ? [`${missing.length} events were not delivered: ${missing.slice(0, 5).map(([id]) => id).join(', ')}`] : []),
      ...(changed.length > 0 ? [`${changed.length} events were delivered with other bytes, or another query: ${changed.slice(0, 5).map(([id]) => id).join(', ')}`] : []),
      ...(strange.length > 0 ? [`${strange.length} deliveries are of no event: ${strange.slice(0, 5).join(', ')}`] : [])
    ]
  }

  #note ({ headers }: IncomingMessage, body: Buffer): void {
    if (++this.#arrived === this.#forget) return
    const header = (name: string): string => String(headers[name] ?? '')
    const digest = digestOf(header('baton-app-id'), header('baton-command'), header('baton-query'), body)
    const id = header('webhook-id')
    this.#delivered.set(id, (this.#delivered.get(id) ?? new Set()).add(digest))
  }
}

/** What the delivery of an event should be. */
export const digestOfEvent = ({ appId, command, query, body }: Event): string =>
  digestOf(String(appId), command, query.length > longestQuery ? '' : query, body)

const digestOf = (...parts: Array<string | Buffer>): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('base64')
}
