import { testCommand } from '@baton/contracts'
import { sharedConnection } from '../broker/shared-connection.ts'
import { delivered, type Outcome } from '../outcome.ts'
import { defineTarget } from '../target.ts'
import { topicTemplate } from '../topic-template.ts'
import { connector, disconnect, type Connection } from './connect.ts'
import { rabbitmqOutcomes } from './outcomes.ts'
import { RabbitmqSettings, problemOfRabbitmqSettings } from './rabbitmq-settings.ts'
import { send, type Sending } from './send.ts'
import { blocked, tooLarge, tooLate, troubleOfError } from './trouble-of-error.ts'

/** Publishes each event to an exchange of RabbitMQ, and waits until the queues have it. */
export const rabbitmq = defineTarget({
  type: 'rabbitmq',
  together: 500,
  settings: RabbitmqSettings,
  outcomes: rabbitmqOutcomes,
  problemOf: problemOfRabbitmqSettings,
  describe: ({ servers, vhost, exchange, routingKey }) => ({ to: `amqp://${servers.join(',')}/${encodeURIComponent(vhost)} ${exchange === '' ? 'default exchange' : exchange} ${routingKey}` }),
  open: (settings, context) => {
    const { maxMessageBytes, tls } = settings
    const { topicOf: exchangeOf, byCommand } = topicTemplate(settings.exchange)
    const { topicOf: routingKeyOf } = topicTemplate(settings.routingKey)
    const shared = sharedConnection<Connection>({ connect: connector(settings, context), end: disconnect })
    if (tls === undefined) context.log.warn({ target: context.name }, 'the password for RabbitMQ goes over the network as it is: give the target tls')

    return {
      async deliver (events, { signal }) {
        const outcomes = events.map((event): Outcome | undefined => event.body.length > maxMessageBytes ? tooLarge : undefined)
        const exchanges = new Map<string, Sending[]>()
        for (const [at, event] of events.entries()) {
          if (outcomes[at] !== undefined) continue
          const exchange = exchangeOf(event)
          const sending: Sending = { event, routingKey: routingKeyOf(event), note: outcome => { outcomes[at] = outcome } }
          exchanges.set(exchange, [...exchanges.get(exchange) ?? [], sending])
        }
        let rest: Outcome = tooLate
        let lent: Connection | undefined
        try {
          if (exchanges.size > 0) {
            await shared.lend(signal, async connection => {
              lent = connection
              await Promise.all(Array.from(exchanges, async ([exchange, sendings]) => { await send(connection, exchange, sendings, signal) }))
            })
          }
        } catch (error) {
          if (!signal.aborted) rest = troubleOfError(error).outcome
          else if (lent?.blocked === true) rest = blocked
        }
        return outcomes.map(outcome => outcome ?? rest)
      },

      async test ({ signal, appId }) {
        const exchange = exchangeOf({ appId, command: testCommand })
        try {
          await shared.lend(signal, async ({ model }) => {
            const channel = await model.createChannel()
            channel.on('error', () => {}) // the question that it answers fails as well
            // Which exchanges come of commands cannot be told; that the nodes let us in, they can. The default one is always there.
            if (!byCommand && exchange !== '') await channel.checkExchange(exchange)
            await channel.close()
          })
          return delivered
        } catch (error) {
          return signal.aborted ? tooLate : troubleOfError(error).outcome
        }
      },

      close: shared.close
    }
  }
})
