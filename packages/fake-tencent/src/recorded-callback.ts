import { isUtf8 } from 'node:buffer'
import { withoutSign } from '@baton/contracts'
import { Type, type Static } from '@sinclair/typebox'

/**
 * One line of a recording, in JSON: a callback as it was received. The body stands there as text and not as JSON, because reading it would change it:
 * numbers that JavaScript cannot hold, escapes, the order of fields.
 */
export const RecordedCallback = Type.Object({
  query: Type.String({ minLength: 1, description: 'The query string as received, without a leading ?. Sign and RequestTime are left out; they are made anew when it is sent again.' }),
  body: Type.Optional(Type.String({ description: 'The body, where it is valid UTF-8.' })),
  bodyBase64: Type.Optional(Type.String({ pattern: '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$', description: 'The body in Base64, where it is not valid UTF-8; then there is no body.' })),
  contentType: Type.Optional(Type.String({ pattern: '^[\\x20-\\x7e]+$', description: 'The Content-Type header, where there was one.' })),
  receivedAt: Type.Optional(Type.Number({ minimum: 0, description: 'When it was received, in ms since 1970.' }))
}, { description: 'A recorded callback. Whoever writes it may add fields.' })
export type RecordedCallback = Static<typeof RecordedCallback>

/** A line without its end. */
export function recordingLine ({ query, body, ...rest }: Omit<RecordedCallback, 'body' | 'bodyBase64'> & { body: Buffer }): string {
  // A recording is no place for credentials.
  return JSON.stringify({ query: withoutSign(query), ...isUtf8(body) ? { body: body.toString() } : { bodyBase64: body.toString('base64') }, ...rest })
}
