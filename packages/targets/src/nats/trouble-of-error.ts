import type * as JetStream from '@nats-io/jetstream'
import type * as Core from '@nats-io/transport-node'
import { errorsWithin, troubleOfConnection } from '../broker/trouble.ts'
import { UnfitTls } from '../broker/tls-of.ts'
import type { Outcome } from '../outcome.ts'
import { defect, misconfigured, type Trouble } from '../sql/trouble.ts'
import { UnfitCredentials } from './connect.ts'

/** What nobody but a person mends, by JetStream's numbers (https://github.com/nats-io/nats-server/blob/main/server/errors.json), and how. */
export const misconfigurations: ReadonlyMap<number, string> = new Map([
  [10002, "the account has used up what it may hold: raise its limits, or the stream's own lower"],
  [10039, 'JetStream is not enabled for this account: enable it, or mend auth'],
  [10060, 'another stream takes the subject than the one that stream names: mend stream or subject'],
  [10076, 'JetStream is not enabled: run the servers with it (nats-server -js)'],
  [10109, 'the stream is sealed: nothing is ever added to it; create another one, and give it the subject']
])

/** What a stream never takes of one message, whatever comes with it. */
export const refusals: ReadonlyMap<number, string> = new Map([
  [10054, 'it is larger than the stream takes: raise max_msg_size of the stream, then replay it'],
  [10097, 'its headers are larger than a stream takes, which is 64 KB']
])

/** What passes by itself, or when somebody makes room. */
const troubles: ReadonlyMap<number, string> = new Map([
  [10023, 'the servers are short of memory or disk'],
  [10047, 'the servers are short of disk: give JetStream more of it'],
  [10077, 'the stream could not store it; where it is full and discards what is new, raise max_bytes or max_msgs, or let it discard what is old']
])

/** No stream takes the subject: nobody answers there. The client calls that JetStreamNotEnabled. */
export const noStream = misconfigured('nats_no_stream', 'no stream takes the subject: create one or give it the subject, mend subject, or enable JetStream')

/** Somebody answers on the subject, and it is no stream. */
export const noAck = misconfigured('nats_no_ack', 'what answers on the subject is no stream: let one take the subject, and nobody else answer there')

/** What the client says where no stream has the subject that it was asked for. */
const streamNotFound = 10059

/** Longer than the server takes, whichever stream it is for. */
export const tooLong: Outcome = { kind: 'reject', code: 'nats_payload_exceeded', reason: 'the event with its headers is larger than the servers take: raise max_payload of the servers, then replay it' }

const connectionWords = { unknownHost: 'no host of servers is known; mend servers', servers: 'servers', listener: 'servers names ports for clients, and tls and auth are what they ask for' }

type Errors = Pick<typeof Core, 'errors'> & Pick<typeof JetStream, 'JetStreamApiError' | 'JetStreamError'>

/** Reads errors of the client. Their messages are not repeated: they name subjects, hosts and users. */
export const troubleReader = ({ errors, JetStreamApiError, JetStreamError }: Errors) => (error: unknown): Trouble => {
  const found = errorsWithin(error)
  const of = <T>(kind: abstract new (...args: never) => T): T | undefined => found.find((each): each is T & Error => each instanceof kind)
  const unfit = of(UnfitTls)
  if (unfit !== undefined) return misconfigured('tls_unfit', `tls cannot be used: ${unfit.message}; mend it`)
  const credentials = of(UnfitCredentials)
  if (credentials !== undefined) return misconfigured('nats_credentials_unfit', `auth cannot be used: ${credentials.message}; mend it`)
  const refused = of(JetStreamApiError)
  if (refused !== undefined) return refused.code === streamNotFound ? noStream : troubleOfNumber(refused.code)
  if (of(errors.NoRespondersError) !== undefined) return noStream
  if ((of(JetStreamError) ?? of(SyntaxError)) !== undefined) return noAck
  const forbidden = of(errors.PermissionViolationError)
  if (forbidden !== undefined) return misconfigured('nats_permission', `the user may not ${forbidden.operation === 'publish' ? 'publish to a subject that is needed: grant it that of subject, and $JS.API.STREAM.NAMES and $JS.API.INFO for tests' : 'hear the answers: grant it to subscribe to _INBOX.>'}`)
  if (of(errors.UserAuthenticationExpiredError) !== undefined) return misconfigured('nats_credentials_expired', 'the credentials have expired: put new ones in auth')
  if (of(errors.AuthorizationError) !== undefined) return misconfigured('nats_authorization', 'the servers do not let the user in: mend auth, or create the user')
  if (of(errors.TimeoutError) !== undefined) return { with: 'target', outcome: tooLate }
  const codes = found.flatMap(each => 'code' in each && typeof each.code === 'string' ? [each.code] : [])
  const ofClient = [errors.ConnectionError, errors.ClosedConnectionError, errors.DrainingConnectionError, errors.RequestError, errors.ProtocolError, AggregateError]
  return codes.length > 0 || ofClient.some(kind => found.some(each => each instanceof kind)) ? troubleOfConnection('NATS', codes, connectionWords) : defect(error)
}

/** What one of JetStream's numbers of errors means. */
export function troubleOfNumber (number: number): Trouble {
  const code = `nats_${number}`
  const refusal = refusals.get(number)
  if (refusal !== undefined) return { with: 'events', outcome: { kind: 'reject', code, reason: `the stream does not take the event (${number}): ${refusal}` } }
  const remedy = misconfigurations.get(number)
  if (remedy !== undefined) return misconfigured(code, `JetStream says ${number}: ${remedy}`)
  return { with: 'target', outcome: { kind: 'retry', code, reason: `JetStream says ${number}: ${troubles.get(number) ?? 'a table of its errors tells what that is'}` } }
}

/** Somebody who takes messages and answers nothing looks the same as a stream that is late. */
export const tooLate: Outcome = { kind: 'retry', code: 'timeout', reason: 'NATS did not answer in time; if it never does, look whether a stream takes the subject' }
