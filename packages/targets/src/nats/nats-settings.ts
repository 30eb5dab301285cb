import { SecretText } from '@baton/runtime'
import { Type, type StaticDecode } from '@sinclair/typebox'
import { Addresses, problemOfAddresses } from '../broker/addresses.ts'
import { TlsSettings, problemOfTls } from '../broker/tls-settings.ts'
import { topicTemplate } from '../topic-template.ts'

export const NatsSettings = Type.Object({
  servers: Addresses('The servers, each as host:port. They are tried in turn until one takes the connection.', ['nats-1.example.com:4222', 'nats-2.example.com:4222']),
  subject: Type.String({
    pattern: '^([A-Za-z0-9_-]|\\{app\\}|\\{command\\})+(\\.([A-Za-z0-9_-]|\\{app\\}|\\{command\\})+)*$',
    description: 'Where events go: a subject, or a template in which {app} and {command} stand for those of the event; a command has dots of its own. A stream must take it: Baton creates none.',
    examples: ['chat', 'chat.{app}.{command}']
  }),
  stream: Type.Optional(Type.String({
    pattern: '^[^\\s.*>/\\\\\\u0000-\\u001f\\u007f]{1,255}$',
    description: 'The stream that events must end up in. Left out: whichever takes the subject.',
    examples: ['CHAT']
  })),
  tls: Type.Optional(TlsSettings('servers', 'TLS where the servers ask for it')),
  auth: Type.Optional(Type.Object({
    user: Type.Optional(Type.String({ minLength: 1, description: 'Who Baton is, by name; with password.' })),
    password: Type.Optional(SecretText({ minLength: 1, description: 'The password of user.' })),
    token: Type.Optional(SecretText({ minLength: 1, description: 'The token of the servers.' })),
    nkeySeed: Type.Optional(SecretText({ minLength: 1, description: 'The seed of the NKey that stands for Baton; it begins with SU.' })),
    credentials: Type.Optional(Type.String({ pattern: '^(/|\\s*-----BEGIN NATS USER JWT-----)', secret: true, description: 'What nsc and Synadia give out: the text of a .creds file, as from an environment variable, or the absolute path of the file.' }))
  }, { additionalProperties: false, description: 'How Baton signs on: by user and password, token, nkeySeed or credentials, one of them. Left out: it does not.' }))
}, { additionalProperties: false })
export type NatsSettings = StaticDecode<typeof NatsSettings>

/** Characters of a subject. The line that names it, with an inbox and lengths, may have 4,096. */
const longestSubject = 1_024

/** What the schema of each setting cannot tell. */
export function problemOfNatsSettings ({ servers, subject, tls, auth }: NatsSettings): readonly [setting: string, problem: string] | undefined {
  const ofServers = problemOfAddresses(servers)
  if (ofServers !== undefined) return ['servers', ofServers]
  const { longest } = topicTemplate(subject)
  if (longest > longestSubject) return ['subject', `can become a subject of ${longest} characters; keep it below ${longestSubject}. {command} has up to 128, {app} up to 10`]
  const ofTls = problemOfTls(tls)
  if (ofTls !== undefined) return ['tls', ofTls]
  if ((auth?.user === undefined) !== (auth?.password === undefined)) return ['auth', 'has one of user and password; they belong together']
  const ways = [auth?.user, auth?.token, auth?.nkeySeed, auth?.credentials].filter(way => way !== undefined).length
  return auth !== undefined && ways !== 1 ? ['auth', 'must have one way to sign on: user and password, token, nkeySeed or credentials'] : undefined
}
