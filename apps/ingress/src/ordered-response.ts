import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** Of each connection, the latest answer that is not sent yet. */
const latest = new WeakMap<Socket, OrderedResponse<IncomingMessage>>()

/** An answer that knows the one before it on its connection, for as long as that is not sent. */
export class OrderedResponse<Request extends IncomingMessage> extends ServerResponse<Request> {
  before: OrderedResponse<IncomingMessage> | undefined

  constructor (...given: ConstructorParameters<typeof ServerResponse<Request>>) {
    super(...given)
    const { socket } = this.req
    this.before = latest.get(socket)
    latest.set(socket, this)
  }

  override detachSocket (socket: Socket): void {
    super.detachSocket(socket)
    this.before = undefined // else each would hold all that came before it on a connection that is never idle
    if (latest.get(socket) === this) latest.delete(socket)
  }
}

/** The last answer that a connection still owes to a request that has come whole. What is said of bytes behind that request must wait for it. */
export function answerOwed (socket: Socket): ServerResponse | undefined {
  let answer = latest.get(socket)
  while (answer?.req.complete === false) answer = answer.before
  return answer?.writableFinished === false ? answer : undefined
}
