import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { reachableHost } from './reachable-host.ts'

export interface Probes {
  /** Is this process able to do its work now? Resolves with what stands in the way, or nothing. */
  ready: () => Promise<string | undefined>
  /** Prometheus text. */
  metrics: () => Promise<string>
}

/** `GET /livez`, `/readyz` and `/metrics` over node:http, for processes without Fastify. Port 0 takes any free one. */
export async function serveHealth (host: string, port: number, probes: Probes): Promise<{ url: string, close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, text: string) => response.writeHead(status, { 'content-type': type }).end(text)
    const path = request.url?.split('?')[0]
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'text/plain', 'only GET is answered here\n')
    if (path === '/livez') return answer(200, 'text/plain', 'alive\n')
    if (path === '/readyz') {
      return void probes.ready().catch(String).then(obstacle => answer(obstacle === undefined ? 200 : 503, 'text/plain', `${obstacle ?? 'ready'}\n`))
    }
    if (path === '/metrics') {
      return void probes.metrics().then(
        text => answer(200, 'text/plain; version=0.0.4; charset=utf-8', text),
        error => answer(500, 'text/plain', `${String(error)}\n`))
    }
    answer(404, 'text/plain', 'here are /livez, /readyz and /metrics\n')
  })
  server.listen(port, host)
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject))
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${reachableHost(host)}:${taken}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>(resolve => { server.close(() => resolve()) })
    }
  }
}
