import { Type, type Static } from '@sinclair/typebox'
import { Token } from './token.ts'

/** How an event is presented to an HTTP receiver. */
export const StyleSettings = Type.Object({
  style: Type.Union([Type.Literal('baton'), Type.Literal('tencent')], {
    default: 'baton',
    description: 'baton: Standard Webhooks headers and baton-* headers. tencent: as Tencent would send it, with the original query parameters, Sign and RequestTime made afresh.'
  }),
  secrets: Type.Optional(Type.Array(
    Type.String({ pattern: '^whsec_([A-Za-z0-9+/]{4}){6,}([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?$', secret: true, description: 'A Standard Webhooks secret: whsec_ and at least 18 bytes in base64.' }),
    { minItems: 1, maxItems: 10, description: 'Of style baton: requests are signed with each of these; several while rotating. Without them they are unsigned.' }
  )),
  token: Type.Optional(Token('Of style tencent: the token that the receiver checks Sign with. Without it there is no Sign.'))
})
export type StyleSettings = Static<typeof StyleSettings>

/** A setting that belongs to the other style would do nothing: which, and why. */
export function styleProblem ({ style, secrets, token }: StyleSettings): readonly ['secrets' | 'token', string] | undefined {
  if (style === 'tencent' && secrets !== undefined) return ['secrets', 'belongs to style baton; style tencent signs with token']
  if (style === 'baton' && token !== undefined) return ['token', 'belongs to style tencent; style baton signs with secrets']
  return undefined
}
