import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { OrderedResponse } from './ordered-response.ts'

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[]

/**
 * Answers that part with their client once `leaving` says so, those to callbacks that came before included: `Connection: close`. And with a
 * client that asks for another protocol: Node, which has none, would not read on either.
 */
export const partingResponse = (leaving: () => boolean): typeof ServerResponse => class PartingResponse<Request extends IncomingMessage> extends OrderedResponse<Request> {
  override writeHead (status: number, message?: string, headers?: Headers): this
  override writeHead (status: number, headers?: Headers): this
  override writeHead (status: number, second?: string | Headers, third?: Headers): this {
    if (leaving() || this.req.headers.upgrade !== undefined) this.shouldKeepAlive = false
    return typeof second === 'string' ? super.writeHead(status, second, third) : super.writeHead(status, second)
  }
}
