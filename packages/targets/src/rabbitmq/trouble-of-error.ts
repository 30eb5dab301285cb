import { errorsWithin, troubleOfConnection } from '../broker/trouble.ts'
import { UnfitTls } from '../broker/tls-of.ts'
import type { Outcome } from '../outcome.ts'
import { defect, misconfigured, type Trouble } from '../sql/trouble.ts'

/** Why nodes close a channel or a connection (https://www.rabbitmq.com/amqp-0-9-1-reference#constants), by their numbers. */
const replies: ReadonlyMap<number, string> = new Map([
  [311, 'content_too_large'], [313, 'no_consumers'], [320, 'connection_forced'], [402, 'invalid_path'], [403, 'access_refused'], [404, 'not_found'], [405, 'resource_locked'], [406, 'precondition_failed'],
  [501, 'frame_error'], [502, 'syntax_error'], [503, 'command_invalid'], [504, 'channel_error'], [505, 'unexpected_frame'], [506, 'resource_error'], [530, 'not_allowed'], [540, 'not_implemented'], [541, 'internal_error']
])

/** What nobody but a person mends, by those names, and how. */
export const misconfigurations: ReadonlyMap<string, string> = new Map([
  ['access_refused', 'the user may not write to the exchange, or not with this routing key: grant it write on it, or mend exchange'],
  ['not_found', 'the exchange does not exist: create it, or mend exchange or vhost'],
  ['not_allowed', 'the nodes do not allow it: look into their log']
])

/** The number with which a node closes a channel over a message that it does not take. Of what Baton sends only its length can be the cause. */
export const preconditionFailed = 406

export const tooLarge: Outcome = { kind: 'reject', code: 'rabbitmq_message_too_large', reason: 'the event is larger than the nodes take: raise max_message_size of the nodes and maxMessageBytes of the target, then replay it' }
export const unroutable: Outcome = misconfigured('rabbitmq_unroutable', 'the exchange has no queue for the routing key: bind one, give the exchange an alternate exchange, or mend routingKey').outcome
export const unstored: Outcome = { kind: 'retry', code: 'rabbitmq_nack', reason: 'RabbitMQ could not store it: a queue is full and refuses what is new (overflow: reject-publish), or has too few of its replicas' }
export const blocked: Outcome = { kind: 'retry', code: 'rabbitmq_blocked', reason: 'RabbitMQ takes nothing for now: a node is short of memory or disk; give it more, or consume what it holds' }
export const tooLate: Outcome = { kind: 'retry', code: 'timeout', reason: 'RabbitMQ did not answer in time' }

const connectionWords = { unknownHost: 'no host of servers is known; mend servers', servers: 'nodes', listener: 'servers names ports for AMQP 0-9-1, and tls is what they ask for' }

/** The client's words for a sign-on that was refused, which come without a number: before, and when the virtual host is entered. Tests hold them against a real node. */
const refusedSignOn = /^Handshake terminated by server: 403 /
const refusedVhost = /^Expected ConnectionOpenOk; got <ConnectionClose /

/** The client's word for a node that took a connection and did not answer. */
const unanswered = 'connect ETIMEDOUT'

/** Reads an error of the client. Messages are not repeated: they name users, hosts and exchanges. */
export function troubleOfError (error: unknown): Trouble {
  const found = errorsWithin(error)
  const unfit = found.find(each => each instanceof UnfitTls)
  if (unfit !== undefined) return misconfigured('tls_unfit', `tls cannot be used: ${unfit.message}; mend it`)
  const reply = replies.get(replyCodeOf(error) ?? 0)
  if (reply !== undefined) return troubleOfReply(reply)
  if (found.some(({ message }) => refusedSignOn.test(message))) return misconfigured('rabbitmq_sign_on_refused', 'the nodes do not let the user in: mend user and password, or create the user')
  if (found.some(({ message }) => refusedVhost.test(message))) return misconfigured('rabbitmq_vhost_refused', 'the nodes do not let the user into vhost: create it, mend vhost, grant the user permissions in it, or raise its limit of connections')
  const codes = found.flatMap(each => 'code' in each && typeof each.code === 'string' ? [each.code] : each.message === unanswered ? ['ETIMEDOUT'] : [])
  // The client's own errors are plain ones, and some ends are told without any; a mistake of ours is a TypeError or the like.
  const isOfClient = found.every(each => each instanceof AggregateError || each.name === 'Error' || each.name === 'IllegalOperationError')
  return codes.length > 0 || isOfClient ? troubleOfConnection('RabbitMQ', codes, connectionWords) : defect(error)
}

/** The number that a node gave as its reason. */
export function replyCodeOf (error: unknown): number | undefined {
  const codes = errorsWithin(error).flatMap(each => 'code' in each && typeof each.code === 'number' ? [each.code] : [])
  return codes.at(-1)
}

function troubleOfReply (name: string): Trouble {
  const code = `rabbitmq_${name}`
  const remedy = misconfigurations.get(name)
  if (remedy !== undefined) return misconfigured(code, `RabbitMQ says ${name}: ${remedy}`)
  return { with: 'target', outcome: { kind: 'retry', code, reason: `RabbitMQ says ${name}` } }
}
