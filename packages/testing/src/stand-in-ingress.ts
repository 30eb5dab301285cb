import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { Test } from 'tap'

export interface StandInIngress {
  url: string
  port: number
  /** Every callback in the order of arrival. */
  requests: { path: string, query: string, body: string }[]
}

const acknowledge = (response: ServerResponse): void => { response.end('{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}') }

/** An ingress on loopback that acknowledges everything, or answers as the test has it; `nth` counts from 1. */
export async function standInIngress (t: Test, answer: (response: ServerResponse, nth: number) => void = acknowledge): Promise<StandInIngress> {
  const requests: StandInIngress['requests'] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const { pathname, search } = new URL(request.url ?? '', 'http://x')
      answer(response, requests.push({ path: pathname, query: search.slice(1), body: Buffer.concat(chunks).toString() }))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/`, port, requests }
}
