import type { Server } from 'node:http'

/** ms that callbacks which are still arriving have, once we close. */
const patience = 5_000

/** Once the server closes, Node lets go of connections that are idle at that moment, but not of those whose last answer was on its way, nor of clients that stopped in mid-body. */
export function closeConnectionsInTime (server: Server): void {
  const sweep = setInterval(() => { server.closeIdleConnections() }, 100)
  const end = setTimeout(() => { server.closeAllConnections() }, patience)
  server.once('close', () => {
    clearInterval(sweep)
    clearTimeout(end)
  })
}
