import { Socket, isIP } from 'node:net'
import { Pool, buildConnector } from 'undici'
import { guardedConnector, refusedAddress, type ConnectorOptions } from './guarded-connector.ts'
import { NoConnection } from './no-connection.ts'

/** Statuses of a proxy that last until somebody mends something: credentials (401, 407), what it lets through (403, 405). */
const lasting = new Set([401, 403, 405, 407])

/**
 * Connects to receivers through a proxy, by CONNECT (RFC 9110, 9.3.6). It is the proxy that resolves their names, so only an address that stands in a URL
 * can be looked at here; the proxy itself may be at any address but those that are never meant.
 */
export function tunnelConnector (proxy: string, { network, timeout, lookup }: ConnectorOptions): { connect: buildConnector.connector, close: () => Promise<void> } {
  const { origin, username, password } = new URL(proxy)
  const credentials = username === '' && password === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` }
  const pool = new Pool(origin, { headersTimeout: timeout, connect: guardedConnector({ network: network === 'any' ? 'any' : 'private', timeout, lookup }, 'the host in proxy') })
  const startTls = buildConnector({ timeout })

  const tunnelTo = async (path: string) => {
    const { statusCode, socket } = await pool.connect({ path, headers: { host: path, ...credentials } }).catch((cause: unknown) => {
      throw cause instanceof NoConnection ? cause : new NoConnection('proxy_unreachable', `the proxy cannot be reached (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'}); see whether it runs, and whether proxy is right`, { lasting: false, cause })
    })
    if (statusCode >= 200 && statusCode < 300 && socket instanceof Socket) return socket
    socket.on('error', () => {}).destroy()
    throw new NoConnection(`proxy_${statusCode}`, `the proxy answered ${statusCode}${statusCode === 407 ? ', it asks for other credentials; mend those in proxy' : lasting.has(statusCode) ? ', it does not let this receiver through; have it allowed there' : ''}`, { lasting: lasting.has(statusCode) })
  }

  return {
    connect: (options, callback) => {
      const { hostname, protocol, port } = options
      const refused = refusedAddress(hostname, network)
      if (refused !== undefined) return callback(refused, null)
      const host = isIP(hostname) === 6 ? `[${hostname}]` : hostname
      tunnelTo(`${host}:${port === '' ? protocol === 'https:' ? 443 : 80 : port}`).then(
        socket => { if (protocol === 'https:') startTls({ ...options, httpSocket: socket }, callback); else callback(null, socket) },
        (error: Error) => { callback(error, null) }
      )
    },
    close: async () => { await pool.destroy() }
  }
}
