import { brokerConnectionOutcomes } from '../broker/connection-outcomes.ts'
import { networkFamily, type OutcomeTable } from '../outcome-table.ts'
import { misconfigurations, refusals } from './trouble-of-error.ts'

const codes = (numbers: ReadonlyMap<number, string>): string[] => [...numbers.keys()].map(number => `nats_${number}`)

/** What trouble-of-error.ts and nats.ts say; a test compares them. */
export const natsOutcomes: OutcomeTable = {
  rows: [
    { codes: ['nats_no_stream', 'nats_no_ack'], means: 'wrong', when: 'no stream takes the subject, or somebody answers there who is none' },
    { codes: ['nats_authorization', 'nats_credentials_expired', 'nats_credentials_unfit', 'nats_permission'], means: 'wrong', when: 'the servers do not let the user in, or it may not do what is needed; the reason says what to do' },
    { codes: codes(misconfigurations), means: 'wrong', when: 'stream, account or servers are not as they must be: `nats_` and JetStream\'s number of the error. The reason says what to do' },
    { codes: ['nats_payload_exceeded', 'nats_subject_unfit', ...codes(refusals)], means: 'reject', when: 'servers or stream never take this event: it is too large, or its command makes no subject. Those that came with it are delivered' },
    { codes: ['nats_*'], means: 'retry', when: 'any other error of JetStream, by its number. It passes: a leader is elected, a stream is full, a server starts or stops' },
    ...brokerConnectionOutcomes('`servers`')
  ],
  families: [
    { stem: 'nats_', characters: '0-9', least: 5, most: 5 },
    networkFamily
  ]
}
