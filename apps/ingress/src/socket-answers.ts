import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { refusalEnvelope, refusals, type Refusal } from '@baton/contracts'
import { plainAddress } from '@baton/runtime'
import type { ConnectionLimits } from './connection-limits.ts'
import type { IngressMetrics } from './ingress-metrics.ts'
import { answerOwed } from './ordered-response.ts'
import type { SparingLog } from './sparing-log.ts'

export const notPost: Refusal = { kind: 'not-post', info: 'callbacks are sent with POST' }

/** Connections on which something was no HTTP: what else comes there is thrown away. */
const ended = new WeakSet<Socket>()

/** ms in which a client may still send what nobody reads: closed at once, it might never see its answer. */
const lingering = 2_000

/** What is no HTTP, or takes too long, gets the envelope too, once what came before it on its connection has got its own. */
export function answerMalformed (error: Error & { code?: string }, socket: Socket, limits: ConnectionLimits, metrics: IngressMetrics, tell: SparingLog): void {
  if (error.code === 'ECONNRESET') return void socket.destroy()
  if (ended.has(socket)) return
  ended.add(socket)
  const answer = () => { answerNow(error, socket, limits, metrics, tell) }
  const owed = answerOwed(socket)
  if (owed === undefined) answer()
  else owed.once('close', answer)
}

function answerNow (error: Error & { code?: string }, socket: Socket, limits: ConnectionLimits, metrics: IngressMetrics, tell: SparingLog): void {
  if (!socket.writable) return void socket.destroy()
  const [status, info] = error.code === 'HPE_HEADER_OVERFLOW'
    ? ['431 Request Header Fields Too Large', 'the headers are larger than 16 KB']
    : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? ['408 Request Timeout', `the callback was not whole within ${limits.request} ms, or its headers within ${limits.headers} ms`]
      : ['400 Bad Request', 'this is not HTTP']
  metrics.malformed.inc({ status: status.slice(0, 3) })
  tell('warn', status, { status: Number(status.slice(0, 3)), info, reason: error.code, address: plainAddress(socket.remoteAddress) }, 'no callback: the request is malformed')
  endWith(socket, [status], { kind: 'not-json-object', info })
}

/** CONNECT: Node would close the connection without a word. */
export function refuseTunnel (request: IncomingMessage, socket: Duplex, metrics: IngressMetrics, tell: SparingLog): void {
  const { status, code } = refusals[notPost.kind]
  metrics.refused.inc({ code })
  tell('warn', code, { code, info: notPost.info, address: plainAddress(request.socket.remoteAddress) }, 'callback refused')
  socket.on('error', () => {}).resume() // it is over, however it ends
  endWith(socket, [`${status} Method Not Allowed`, 'Allow: POST'], notPost)
}

/** An answer to what Node takes for no request. @param lines status and further headers */
function endWith (socket: Duplex, lines: readonly [string, ...string[]], refusal: Refusal): void {
  const body = JSON.stringify(refusalEnvelope(refusal))
  socket.end(`HTTP/1.1 ${lines.join('\r\n')}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  const end = setTimeout(() => { socket.destroy() }, lingering)
  socket.once('close', () => { clearTimeout(end) })
}
