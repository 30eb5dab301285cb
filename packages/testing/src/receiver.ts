import { once, EventEmitter } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
}

/** Answers a request: a status, or 'hang' to say nothing. */
export type Answer = (request: Received, nth: number) => number | 'hang' | { status: number, headers?: Record<string, string>, body?: string }

export interface Receiver {
  readonly url: string
  /** Every request in the order of arrival, repeats included. */
  readonly received: Received[]
  /** What is answered from now on. */
  answer: Answer
  /** Resolves once so many requests have come. */
  untilReceived: (count: number) => Promise<Received[]>
  /** Breaks all connections and refuses new ones. */
  stop: () => Promise<void>
  /** Listens on the same port again. */
  start: () => Promise<void>
}

/** A webhook receiver on loopback that keeps everything it gets. */
export async function receiver (t: Test, answer: Answer = () => 200): Promise<Receiver> {
  const arrivals = new EventEmitter()
  const received: Received[] = []
  let server: Server
  let port = 0

  const start = async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const arrived = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) }
        received.push(arrived)
        const reply = self.answer(arrived, received.length)
        if (reply !== 'hang') response.writeHead(typeof reply === 'number' ? reply : reply.status, typeof reply === 'number' ? {} : reply.headers).end(typeof reply === 'number' ? undefined : reply.body)
        arrivals.emit('arrival')
      })
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  const stop = async () => {
    if (!server.listening) return
    server.closeAllConnections()
    await new Promise<void>(resolve => { server.close(() => resolve()) })
  }

  const self: Receiver = {
    get url () { return `http://127.0.0.1:${port}` },
    received,
    answer,
    untilReceived: async count => {
      while (received.length < count) await once(arrivals, 'arrival')
      return received
    },
    stop,
    start
  }
  await start()
  t.teardown(stop)
  return self
}
