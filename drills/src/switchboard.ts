import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { freePort } from '@baton/testing'

/** One address that leads to one Redis and then to another, as a failover does. */
export async function switchboard (to: number): Promise<{ url: string, lead: (to: number) => void, close: () => void }> {
  let destination = to
  const lines = new Set<Socket>()
  const server = createServer(caller => {
    const callee = connect(destination, '127.0.0.1')
    for (const [one, other] of [[caller, callee], [callee, caller]] as const) {
      lines.add(one)
      one.pipe(other)
      one.on('error', () => { other.destroy() })
      one.on('close', () => {
        lines.delete(one)
        other.destroy()
      })
    }
  })
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const hangUp = () => { for (const line of lines) line.destroy() }
  return {
    url: `redis://127.0.0.1:${port}`,
    lead: to => {
      destination = to
      hangUp()
    },
    close: () => {
      server.close()
      hangUp()
    }
  }
}
