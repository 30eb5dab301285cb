import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface ConnectProxy {
  /** Without credentials. */
  readonly url: string
  /** What it was asked to connect to, and with which `Proxy-Authorization`. */
  readonly asked: { host: string, authorization: string | undefined }[]
  /** The status that it answers from now on; 200 is a tunnel, and 'hang' nothing at all. */
  answer: number | 'hang'
  stop: () => void
}

/** An HTTP proxy on loopback that knows CONNECT alone. @param places where hosts are that no resolver knows: a port of loopback */
export async function connectProxy (t: Test, places: Readonly<Record<string, number>> = {}): Promise<ConnectProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((_, response) => { response.writeHead(405).end() })
  server.on('connection', socket => sockets.add(socket.on('error', () => {})))
  server.on('connect', ({ url: host = '', headers }, client: Socket) => {
    self.asked.push({ host, authorization: headers['proxy-authorization'] })
    if (self.answer === 'hang') return
    if (self.answer !== 200) return client.end(`HTTP/1.1 ${self.answer} No\r\nContent-Length: 2\r\n\r\nno`)
    const { hostname, port } = new URL(`http://${host}`)
    const upstream = connect(places[hostname] ?? Number(port || 80), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(upstream).pipe(client)
    })
    sockets.add(upstream.on('error', () => { client.destroy() }))
    client.on('error', () => { upstream.destroy() })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const self: ConnectProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    answer: 200,
    stop: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
  t.teardown(self.stop)
  return self
}
