import { SecretText } from '@baton/runtime'
import { Type, type StaticDecode } from '@sinclair/typebox'
import { Addresses, problemOfAddresses } from '../broker/addresses.ts'
import { TlsSettings, problemOfTls } from '../broker/tls-settings.ts'
import { topicTemplate } from '../topic-template.ts'

export const KafkaSettings = Type.Object({
  brokers: Addresses('Where to ask first: some brokers, each as host:port. The others are learnt from them, under the names that they advertise.', ['kafka-1.example.com:9092', 'kafka-2.example.com:9092']),
  topic: Type.String({
    pattern: '^([A-Za-z0-9._-]|\\{app\\}|\\{command\\})+$',
    description: 'Where events go: a topic, or a template in which {app} and {command} stand for those of the event. Topics must exist: Baton creates none.',
    examples: ['chat', 'chat.{app}.{command}']
  }),
  tls: Type.Optional(TlsSettings('brokers')),
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
  const ofBrokers = problemOfAddresses(brokers)
  if (ofBrokers !== undefined) return ['brokers', ofBrokers]
  if (topic === '.' || topic === '..') return ['topic', 'is a name that Kafka keeps for itself']
  const { longest } = topicTemplate(topic)
  if (longest > longestTopic) return ['topic', `can become a name of ${longest} characters, of which Kafka takes ${longestTopic}; {command} has up to 128, {app} up to 10`]
  const ofTls = problemOfTls(tls)
  return ofTls === undefined ? undefined : ['tls', ofTls]
}
