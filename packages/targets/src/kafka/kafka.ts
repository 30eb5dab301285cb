import { testCommand } from '@baton/contracts'
import { delivered, type Outcome } from '../outcome.ts'
import { defineTarget } from '../target.ts'
import { topicTemplate } from '../topic-template.ts'
import { KafkaSettings, problemOfKafkaSettings } from './kafka-settings.ts'
import { messageOf, overhead, type Message } from './message-of-event.ts'
import { kafkaOutcomes } from './outcomes.ts'
import { openProducers } from './producers.ts'
import { partitionsOf, send } from './send.ts'
import { troubleOfError, troubleOfName } from './trouble-of-error.ts'

const tooLate: Outcome = { kind: 'retry', code: 'timeout', reason: 'Kafka did not answer in time' }

/** Writes each event to a topic of Kafka, under its ordering key. */
export const kafka = defineTarget({
  type: 'kafka',
  together: 500,
  settings: KafkaSettings,
  outcomes: kafkaOutcomes,
  problemOf: problemOfKafkaSettings,
  describe: ({ brokers, topic }) => ({ to: `kafka://${brokers.join(',')}/${topic}` }),
  open: (settings, context) => {
    const { maxMessageBytes, sasl, tls } = settings
    const { topicOf, byCommand } = topicTemplate(settings.topic)
    const producers = openProducers(settings, context)
    if (sasl?.mechanism === 'plain' && tls === undefined) context.log.warn({ target: context.name }, 'the password for Kafka goes over the network as it is: give the target tls, or take a mechanism scram-sha-256 or scram-sha-512')

    return {
      async deliver (events, { signal }) {
        const messages = events.map(event => messageOf(event, topicOf(event)))
        const outcomes = new Map<Message, Outcome>()
        const note = (messages: readonly Message[], outcome: Outcome) => { for (const message of messages) outcomes.set(message, outcome) }
        const fits = ({ bytes }: Message) => overhead.batch + bytes <= maxMessageBytes
        note(messages.filter(message => !fits(message)), troubleOfName('MESSAGE_TOO_LARGE').outcome)
        let rest: Outcome = tooLate
        try {
          const fit = messages.filter(fits)
          if (fit.length > 0) await producers.lend(signal, async lent => await send(lent, fit, maxMessageBytes, note))
        } catch (error) {
          if (!signal.aborted) rest = troubleOfError(error).outcome
        }
        return messages.map(message => outcomes.get(message) ?? rest)
      },

      async test ({ signal, appId }) {
        let outcome: Outcome = delivered
        try {
          await producers.lend(signal, async ({ producer }) => {
            // The topics of commands cannot be told; that the brokers answer and let us in, they can.
            if (byCommand) await producer.metadata({ topics: [], forceUpdate: true })
            const partitions = byCommand ? 0 : await partitionsOf(producer, topicOf({ appId, command: testCommand }), { anew: true })
            if (typeof partitions !== 'number') outcome = partitions
            return outcome.kind === 'delivered'
          })
          return outcome
        } catch (error) {
          return signal.aborted ? tooLate : troubleOfError(error).outcome
        }
      },

      close: producers.close
    }
  }
})
