// Its types on the registry are those of version 7. This is what we use of it.
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events'

  interface Options {
    url: string
    connections: number
    /** Seconds. */
    duration: number
    method: 'POST'
    headers: Record<string, string>
    requests: Array<{ setupRequest: (request: object) => object }>
    verifyBody: (body: string) => boolean
    setupClient: (client: EventEmitter) => void
  }
  interface Result {
    /** Seconds. */
    duration: number
    errors: number
    timeouts: number
    mismatches: number
    non2xx: number
  }
  export default function autocannon (options: Options): Promise<Result>
}
