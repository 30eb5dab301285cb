import { ServerResponse, type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http'

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[]

/** Answers that part with their client once `leaving` says so, those to callbacks that came before included: `Connection: close`. */
export const partingResponse = (leaving: () => boolean): typeof ServerResponse => class PartingResponse<Request extends IncomingMessage> extends ServerResponse<Request> {
  override writeHead (status: number, message?: string, headers?: Headers): this
  override writeHead (status: number, headers?: Headers): this
  override writeHead (status: number, second?: string | Headers, third?: Headers): this {
    if (leaving()) this.shouldKeepAlive = false
    return typeof second === 'string' ? super.writeHead(status, second, third) : super.writeHead(status, second)
  }
}
