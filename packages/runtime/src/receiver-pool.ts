import { Pool, type Dispatcher } from 'undici'
import type { EventRequest } from './event-request.ts'
import { guardedConnector, type ConnectorOptions } from './guarded-connector.ts'
import { tunnelConnector } from './tunnel-connector.ts'

export interface ReceiverPoolOptions extends ConnectorOptions {
  /** Most connections, and so most requests under way at once. */
  connections: number
  /** The proxy between Baton and the receiver; none, if left out. */
  proxy?: string | undefined
}

interface ReceiverRequest extends EventRequest {
  body: Uint8Array
  /** The one clock of a request: there is no time limit but that of `ConnectorOptions`. */
  signal: AbortSignal
}

/** Connections to one receiver, kept open. The only way by which targets and decisions reach theirs, so that none leads around the guard. */
export interface ReceiverPool {
  post: (request: ReceiverRequest) => Promise<Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'>>
  close: () => Promise<void>
}

/** @param url of the receiver; its path is that of the requests */
export function receiverPool (url: string, { connections, proxy, ...connecting }: ReceiverPoolOptions): ReceiverPool {
  const tunnel = proxy === undefined ? undefined : tunnelConnector(proxy, connecting)
  const pool = new Pool(new URL(url).origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect: tunnel?.connect ?? guardedConnector(connecting) })
  return {
    post: async request => await pool.request({ ...request, method: 'POST' }),
    close: async () => { await Promise.all([pool.destroy(), tunnel?.close()]) }
  }
}
