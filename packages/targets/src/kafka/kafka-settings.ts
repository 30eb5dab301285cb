import { SecretText } from '@baton/runtime'
import { Type, type StaticDecode } from '@sinclair/typebox'
import { topicTemplate } from '../topic-template.ts'

const Pem = (description: string, more: { secret?: boolean } = {}) => Type.Optional(Type.String({ pattern: '^(/|\\s*-----BEGIN )', description: `${description} PEM: the text itself, as from \${KAFKA_CA}, or the absolute path of a file with it.`, ...more }))

export const KafkaSettings = Type.Object({
  brokers: Type.Array(Type.String({ pattern: '^[A-Za-z0-9._-]+:[0-9]{1,5}$', description: 'host:port' }), {
    minItems: 1,
    maxItems: 100,
    uniqueItems: true,
    description: 'Where to ask first: some brokers, each as host:port. The others are learnt from them, under the names that they advertise.',
    examples: [['kafka-1.example.com:9092', 'kafka-2.example.com:9092']]
  }),
  topic: Type.String({
    pattern: '^([A-Za-z0-9._-]|\\{app\\}|\\{command\\})+$',
    description: 'Where events go: a topic, or a template in which {app} and {command} stand for those of the event. Topics must exist: Baton creates none.',
    examples: ['chat', 'chat.{app}.{command}']
  }),
  tls: Type.Optional(Type.Object({
    ca: Pem('Certificates of the authorities that are trusted. Left out: those of Node.'),
    cert: Pem('The certificate with which Baton presents itself, where brokers ask for one.'),
    key: Pem('The key of cert, without a passphrase.', { secret: true })
  }, { additionalProperties: false, description: 'Speaks TLS, and checks the certificates of brokers; {} will do where public authorities have issued them. Left out: no TLS.' })),
  sasl: Type.Optional(Type.Object({
    mechanism: Type.Union([Type.Literal('plain'), Type.Literal('scram-sha-256'), Type.Literal('scram-sha-512')], { description: 'As the listener of the brokers has it.' }),
    username: Type.String({ minLength: 1, description: 'Who Baton is.' }),
    password: SecretText({ minLength: 1, description: 'The password of that user.' })
  }, { additionalProperties: false, description: 'How Baton signs on. Left out: it does not.' })),
  compression: Type.Union([Type.Literal('none'), Type.Literal('gzip'), Type.Literal('snappy'), Type.Literal('lz4')], { default: 'none', description: 'How batches are compressed.' }),
  maxMessageBytes: Type.Integer({
    minimum: 1_024,
    maximum: 104_857_600,
    default: 1_048_588,
    description: 'The max.message.bytes of the topics. Batches are kept below it, counted before compression, and an event that is longer all by itself is rejected without being sent.'
  })
}, { additionalProperties: false })
export type KafkaSettings = StaticDecode<typeof KafkaSettings>

/** Characters that a topic may have. */
const longestTopic = 249

/** What the schema of each setting cannot tell. */
export function problemOfKafkaSettings ({ brokers, topic, tls }: KafkaSettings): readonly [setting: string, problem: string] | undefined {
  if (brokers.some(broker => portOf(broker) < 1 || portOf(broker) > 65_535)) return ['brokers', 'has a port that there is not; ports go from 1 to 65535']
  if (topic === '.' || topic === '..') return ['topic', 'is a name that Kafka keeps for itself']
  const { longest } = topicTemplate(topic)
  if (longest > longestTopic) return ['topic', `can become a name of ${longest} characters, of which Kafka takes ${longestTopic}; {command} has up to 128, {app} up to 10`]
  if ((tls?.cert === undefined) !== (tls?.key === undefined)) return ['tls', 'has one of cert and key; they belong together']
  return undefined
}

const portOf = (broker: string): number => Number(broker.slice(broker.lastIndexOf(':') + 1))
