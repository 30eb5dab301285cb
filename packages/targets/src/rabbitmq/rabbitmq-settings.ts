import { SecretText } from '@baton/runtime'
import { Type, type StaticDecode } from '@sinclair/typebox'
import { Addresses, problemOfAddresses } from '../broker/addresses.ts'
import { TlsSettings, problemOfTls } from '../broker/tls-settings.ts'
import { topicTemplate } from '../topic-template.ts'

export const RabbitmqSettings = Type.Object({
  servers: Addresses('The nodes, each as host:port. They are tried in turn until one takes the connection.', ['rabbitmq-1.example.com:5671', 'rabbitmq-2.example.com:5671']),
  vhost: Type.String({ minLength: 1, maxLength: 255, default: '/', description: 'The virtual host, as it is named there.', examples: ['/', 'chat'] }),
  user: Type.String({ minLength: 1, description: 'Who Baton is.' }),
  password: SecretText({ minLength: 1, description: 'The password of that user.' }),
  exchange: Type.String({
    pattern: '^([A-Za-z0-9._:-]|\\{app\\}|\\{command\\})*$',
    description: 'Where events go: an exchange, or a template in which {app} and {command} stand for those of the event; empty for the default exchange, where the routing key is the name of a queue. Exchanges must exist: Baton creates none.',
    examples: ['chat', 'chat.{app}']
  }),
  routingKey: Type.String({
    pattern: '^([A-Za-z0-9._:/-]|\\{app\\}|\\{command\\})*$',
    default: '{command}',
    description: 'The routing key of events, a template like that of exchange.',
    examples: ['{app}.{command}', 'chat-events']
  }),
  tls: Type.Optional(TlsSettings('nodes')),
  maxMessageBytes: Type.Integer({
    minimum: 1_024,
    maximum: 536_870_912,
    default: 16_777_216,
    description: 'The max_message_size of the nodes, which they do not tell. A body that is longer is rejected without being sent.'
  })
}, { additionalProperties: false })
export type RabbitmqSettings = StaticDecode<typeof RabbitmqSettings>

/** Characters of a name in AMQP. */
const longestName = 255

/** What the schema of each setting cannot tell. */
export function problemOfRabbitmqSettings ({ servers, exchange, routingKey, tls }: RabbitmqSettings): readonly [setting: string, problem: string] | undefined {
  const ofServers = problemOfAddresses(servers)
  if (ofServers !== undefined) return ['servers', ofServers]
  for (const [setting, template] of [['exchange', exchange], ['routingKey', routingKey]] as const) {
    const { longest } = topicTemplate(template)
    if (longest > longestName) return [setting, `can become a name of ${longest} characters, of which AMQP takes ${longestName}; {command} has up to 128, {app} up to 10`]
  }
  if (exchange === '' && routingKey === '') return ['routingKey', 'is empty; with the default exchange it is the name of a queue']
  const ofTls = problemOfTls(tls)
  return ofTls === undefined ? undefined : ['tls', ofTls]
}
