import { networkFamily, type OutcomeTable } from '../outcome-table.ts'
import { misconfigurations, refusals } from './trouble-of-error.ts'

const codes = (names: ReadonlyMap<string, string>): string[] => [...names.keys()].map(name => `kafka_${name.toLowerCase()}`)

/** What trouble-of-error.ts and kafka.ts say; a test compares them. */
export const kafkaOutcomes: OutcomeTable = {
  rows: [
    { codes: codes(misconfigurations), means: 'wrong', when: 'topic, credentials, rights or settings of the brokers are not as they must be; the reason says which, and what to do. The code is `kafka_` and Kafka\'s name of the error' },
    { codes: codes(refusals), means: 'reject', when: 'the brokers never take this event: it is larger than `maxMessageBytes` or than the topic takes, or not what the topic takes. Those that came with it are delivered' },
    { codes: ['kafka_*'], means: 'retry', when: 'any other error of the brokers. It passes: a leader moves, replicas are missing, a broker starts or stops' },
    { codes: ['tls_unfit'], means: 'wrong', when: 'a file of `tls` cannot be read, or what stands in it is not what it should be' },
    { codes: ['network_enotfound'], means: 'wrong', when: 'no host of `brokers`, or that brokers advertise, is known' },
    { codes: ['network_cert_*', 'network_self_signed_*', 'network_depth_zero_self_signed_cert', 'network_unable_to_verify_*', 'network_unable_to_get_issuer_cert*', 'network_err_tls_*', 'network_err_ssl_*', 'network_eproto'], means: 'wrong', when: 'TLS does not come about' },
    { codes: ['network_*'], means: 'retry', when: 'no broker can be reached, or the connection broke: the code of Node\'s error, in lower case, or `network_broken`' }
  ],
  families: [
    { stem: 'kafka_', characters: 'a-z0-9_', least: 1, most: 57 },
    networkFamily
  ]
}
