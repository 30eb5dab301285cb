import { networkFamily, type OutcomeTable } from '../outcome-table.ts'
import { brokerConnectionOutcomes } from '../broker/connection-outcomes.ts'
import { misconfigurations, refusals } from './trouble-of-error.ts'

const codes = (names: ReadonlyMap<string, string>): string[] => [...names.keys()].map(name => `kafka_${name.toLowerCase()}`)

/** What trouble-of-error.ts and kafka.ts say; a test compares them. */
export const kafkaOutcomes: OutcomeTable = {
  rows: [
    { codes: codes(misconfigurations), means: 'wrong', when: 'topic, credentials, rights or settings of the brokers are not as they must be; the reason says which, and what to do. The code is `kafka_` and Kafka\'s name of the error' },
    { codes: codes(refusals), means: 'reject', when: 'the brokers never take this event: it is larger than `maxMessageBytes` or than the topic takes, or not what the topic takes. Those that came with it are delivered' },
    { codes: ['kafka_*'], means: 'retry', when: 'any other error of the brokers. It passes: a leader moves, replicas are missing, a broker starts or stops' },
    ...brokerConnectionOutcomes('`brokers`, or that brokers advertise,')
  ],
  families: [
    { stem: 'kafka_', characters: 'a-z0-9_', least: 1, most: 57 },
    networkFamily
  ]
}
