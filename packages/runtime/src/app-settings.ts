import { Type, type StaticDecode } from '@sinclair/typebox'
import { problemOfAddress } from './address-list.ts'
import { millisecondsOf } from './duration.ts'
import { DecisionSettings, checkDecisions } from './decision-settings.ts'
import type { RelayDocument } from './relay-document.ts'
import { Token } from './token.ts'

/** One Tencent app whose callbacks are accepted: the part of the relay file that the ingress reads. */
export const AppSettings = Type.Object({
  sdkAppId: Type.Integer({ minimum: 1, maximum: 4_294_967_295, description: "The app's SDKAppID in Tencent's console." }),
  tokens: Type.Optional(Type.Array(
    Token(),
    { minItems: 1, maxItems: 10, description: "Tokens of the console's webhook authentication; several while rotating. Without them callbacks are accepted unsigned." }
  )),
  freshness: Type.Transform(Type.String({
    pattern: '^(([1-9][0-9]{1,2}|[12][0-9]{3}|3[0-5][0-9]{2}|3600)s|([1-9]|[1-5][0-9]|60)m|1h)$',
    default: '300s',
    description: 'How far the time of a signed callback may lie from the clock here, before or behind it. As long as that, whoever has seen a signature can send anything with it. A duration such as 60s or 5m, at least 10s and at most 1h.'
  })).Decode(millisecondsOf).Encode(milliseconds => `${milliseconds}ms`),
  allow: Type.Optional(Type.Array(
    Type.String(),
    { minItems: 1, maxItems: 1_000, description: "The addresses and networks that callbacks are accepted from, such as 198.51.100.7, 203.0.113.0/24 or 2001:db8::/32; Tencent's GetIPList tells its current ones. Without it they are accepted from everywhere." }
  )),
  decisions: Type.Optional(Type.Array(DecisionSettings, { minItems: 1, maxItems: 100, description: 'Who decides about before-callbacks. Without it they are allowed.' }))
}, { additionalProperties: false })

export const AppsSettings = Type.Array(AppSettings, { minItems: 1, description: 'The apps whose callbacks are accepted.' })
export type AppsSettings = StaticDecode<typeof AppsSettings>

/** Reads `apps`; problems are left in the document. */
export function readApps (document: RelayDocument): AppsSettings | undefined {
  const apps = document.section(['apps'], AppsSettings)
  const seen = new Set<number>()
  for (let at = 0; at < document.length(['apps']); at++) {
    const place = ['apps', at]
    const sdkAppId = document.part([...place, 'sdkAppId'], AppSettings.properties.sdkAppId)
    if (sdkAppId !== undefined && seen.has(sdkAppId)) document.problem([...place, 'sdkAppId'], `apps[${at}].sdkAppId: ${sdkAppId} stands here twice`)
    if (sdkAppId !== undefined) seen.add(sdkAppId)
    document.part([...place, 'allow'], AppSettings.properties.allow)?.forEach((entry, nth) => {
      const problem = problemOfAddress(entry)
      if (problem !== undefined) document.problem([...place, 'allow', nth], `apps[${at}].allow[${nth}]: ${JSON.stringify(entry)} ${problem}`)
    })
    checkDecisions(document, at)
  }
  return apps
}
