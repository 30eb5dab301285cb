import { errorsWithin, troubleOfConnection } from '../broker/trouble.ts'
import { UnfitTls } from '../broker/tls-of.ts'
import { defect, misconfigured, type Trouble } from '../sql/trouble.ts'

/** The client's own mark on its errors. */
const clientMark = /^PLT_KFK_/

const connectionWords = {
  unknownHost: 'no host is known by the name in brokers, or by that which the brokers advertise; mend brokers, or advertised.listeners of the brokers',
  servers: 'brokers',
  listener: 'tls and sasl are what this listener asks for'
}

/** The topic is not there, as the client tells of it: it keeps no code of the brokers' then. */
export const unknownTopic = 'UNKNOWN_TOPIC_OR_PARTITION'

/** What nobody but a person mends, by Kafka's names (https://kafka.apache.org/protocol#protocol_error_codes), and how. */
export const misconfigurations: ReadonlyMap<string, string> = new Map([
  [unknownTopic, 'the topic does not exist, or the user may not see it: create it, mend topic, or grant the user DESCRIBE and WRITE on it'],
  ['INVALID_TOPIC_EXCEPTION', "the brokers do not take the topic's name: mend topic"],
  ['TOPIC_AUTHORIZATION_FAILED', 'the user may not write to the topic: grant it DESCRIBE and WRITE on it'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'the user may not write idempotently: grant it WRITE on a topic, and on brokers before 3.0 IDEMPOTENT_WRITE on the cluster'],
  ['SASL_AUTHENTICATION_FAILED', 'the brokers do not take the credentials: mend sasl, or create the user'],
  ['UNSUPPORTED_SASL_MECHANISM', 'the listener does not have this mechanism: mend mechanism of sasl, or the address in brokers'],
  ['ILLEGAL_SASL_STATE', 'the listener does not expect a sign-on now: mend sasl, or the address in brokers'],
  ['UNSUPPORTED_VERSION', 'the brokers do not speak a version of the protocol that is needed here: use Kafka 2.4 or later'],
  ['UNSUPPORTED_FOR_MESSAGE_FORMAT', "the topic's messages have an old format: set its message.format.version to that of the brokers"],
  ['UNSUPPORTED_COMPRESSION_TYPE', 'the brokers do not take this compression: mend compression'],
  ['POLICY_VIOLATION', 'a policy of the brokers forbids it: ask those who run them']
])

/** What the brokers never take of one event, whatever comes with it. */
export const refusals: ReadonlyMap<string, string> = new Map([
  ['MESSAGE_TOO_LARGE', 'it is larger than the topic takes: raise max.message.bytes of the topic and maxMessageBytes of the target, then replay it'],
  ['RECORD_LIST_TOO_LARGE', 'it is larger than a segment of the topic: raise segment.bytes of the topic, then replay it'],
  ['INVALID_RECORD', 'the brokers check what the topic takes, and it is not that'],
  ['INVALID_TIMESTAMP', 'its time of receipt lies further off than the topic takes: widen message.timestamp.before.max.ms of the topic, or mend the clocks, then replay it']
])

/** What one event meets while those around it may fare better. */
const refusal = (name: string): Trouble => ({ with: 'events', outcome: { kind: 'reject', code: codeOf(name), reason: `Kafka does not take the event (${name}): ${refusals.get(name) ?? 'it does not say why'}` } })

const codeOf = (name: string): string => `kafka_${name.toLowerCase()}`

/**
 * Reads an error of the client. It wraps what happened at each of its attempts, at each broker; the last says most. Messages are not repeated: they name hosts and topics,
 * and some hold what the brokers say.
 */
export function troubleOfError (error: unknown): Trouble {
  if (error instanceof UnfitTls) return misconfigured('tls_unfit', `tls cannot be used: ${error.message}; mend it`)
  const found = errorsWithin(error)
  const names = found.flatMap(leaf => 'apiId' in leaf && typeof leaf.apiId === 'string' ? [leaf.apiId] : [])
  const name = names.at(-1)
  if (name !== undefined) return troubleOfName(name)
  const codes = found.flatMap(leaf => 'code' in leaf && typeof leaf.code === 'string' ? [leaf.code] : [])
  // A server that does not prove that it knows the password, or no mechanism for it.
  if (codes.includes('PLT_KFK_AUTHENTICATION')) return troubleOfName('SASL_AUTHENTICATION_FAILED')
  if (codes.some(code => code.startsWith('PLT_KFK_UNSUPPORTED'))) return troubleOfName('UNSUPPORTED_VERSION')
  const ofNode = codes.filter(code => !clientMark.test(code))
  return ofNode.length === 0 && codes.length === 0 ? defect(error) : troubleOfConnection('Kafka', ofNode, connectionWords)
}

/** What one of Kafka's names of errors means. */
export function troubleOfName (name: string): Trouble {
  if (refusals.has(name)) return refusal(name)
  const remedy = misconfigurations.get(name)
  if (remedy !== undefined) return misconfigured(codeOf(name), `${name}: ${remedy}`)
  return { with: 'target', outcome: { kind: 'retry', code: codeOf(name), reason: `Kafka says ${name}` } }
}
