import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import type { ContractTest } from '../../src/target-contract.ts'

/**
 * Stands between a target and its server, and asks about everything that the target sends before it passes it on.
 * `lose-answer`: it is passed on, and the connection breaks as soon as the server answers.
 */
export async function proxy (t: ContractTest, url: string, ask: (text: string) => Promise<'pass' | 'lose-answer'>, listenOn = 0): Promise<string> {
  const server = createServer(client => {
    const upstream = connect(Number(new URL(url).port), '127.0.0.1')
    let lost = false
    let passed = Promise.resolve()
    client.on('data', chunk => {
      passed = passed.then(async () => {
        lost = await ask(chunk.toString('latin1')) === 'lose-answer'
        upstream.write(chunk)
      })
    })
    upstream.on('data', chunk => {
      if (lost) client.destroy()
      else client.write(chunk)
    })
    for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
      socket.on('error', () => {}).on('close', () => other.destroy())
    }
  }).listen(listenOn, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => { server.close() })
  const { port } = server.address() as AddressInfo
  return Object.assign(new URL(url), { port: String(port) }).href
}
