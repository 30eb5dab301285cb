import { Type, type Static } from '@sinclair/typebox'

const Pem = (description: string, more: { secret?: boolean } = {}) => Type.Optional(Type.String({ pattern: '^(/|\\s*-----BEGIN )', description: `${description} PEM: the text itself, as from \${CA_PEM}, or the absolute path of a file with it.`, ...more }))

/**
 * @param servers what the product calls its servers
 * @param leftOut what holds without these settings
 */
export const TlsSettings = (servers: string, leftOut = 'no TLS') => Type.Object({
  ca: Pem('Certificates of the authorities that are trusted. Left out: those of Node.'),
  cert: Pem(`The certificate with which Baton presents itself, where ${servers} ask for one.`),
  key: Pem('The key of cert, without a passphrase.', { secret: true })
}, { additionalProperties: false, description: `Speaks TLS, and checks the certificates of ${servers}; {} will do where public authorities have issued them. Left out: ${leftOut}.` })
export type TlsSettings = Static<ReturnType<typeof TlsSettings>>

/** What the schema cannot tell. */
export const problemOfTls = (tls: TlsSettings | undefined): string | undefined =>
  (tls?.cert === undefined) === (tls?.key === undefined) ? undefined : 'has one of cert and key; they belong together'
