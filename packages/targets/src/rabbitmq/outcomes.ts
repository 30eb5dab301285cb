import { brokerConnectionOutcomes } from '../broker/connection-outcomes.ts'
import { networkFamily, type OutcomeTable } from '../outcome-table.ts'
import { misconfigurations } from './trouble-of-error.ts'

/** What trouble-of-error.ts says; a test compares them. */
export const rabbitmqOutcomes: OutcomeTable = {
  rows: [
    { codes: ['rabbitmq_unroutable'], means: 'wrong', when: 'the exchange has taken the event, and had no queue for it: it came back' },
    { codes: ['rabbitmq_sign_on_refused', 'rabbitmq_vhost_refused'], means: 'wrong', when: 'the nodes do not let the user in, or not into `vhost`' },
    { codes: [...misconfigurations.keys()].map(name => `rabbitmq_${name}`), means: 'wrong', when: 'exchange or rights are not as they must be: `rabbitmq_` and the reason that AMQP gives. Our reason says what to do' },
    { codes: ['rabbitmq_message_too_large'], means: 'reject', when: 'the event is larger than `maxMessageBytes`, or than the nodes take. Those that came with it are delivered' },
    { codes: ['rabbitmq_nack'], means: 'retry', when: 'a queue could not store it: it is full and refuses what is new, or has too few of its replicas' },
    { codes: ['rabbitmq_blocked'], means: 'retry', when: 'nodes are short of memory or disk, and took nothing within `timeout`' },
    { codes: ['rabbitmq_*'], means: 'retry', when: 'nodes closed channel or connection for any other reason, as when they are stopped' },
    ...brokerConnectionOutcomes('`servers`')
  ],
  families: [
    { stem: 'rabbitmq_', characters: 'a-z_', least: 1, most: 40 },
    networkFamily
  ]
}
