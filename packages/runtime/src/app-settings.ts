import { Type, type StaticDecode } from '@sinclair/typebox'
import type { RelayDocument } from './relay-document.ts'

/** One Tencent app whose callbacks are accepted: the part of the relay file that the ingress reads. */
export const AppSettings = Type.Object({
  sdkAppId: Type.Integer({ minimum: 1, maximum: 4_294_967_295, description: "The app's SDKAppID in Tencent's console." }),
  tokens: Type.Optional(Type.Array(
    Type.String({ minLength: 1, maxLength: 128, secret: true }),
    { minItems: 1, maxItems: 10, description: "Tokens of the console's webhook authentication; several while rotating. Without them callbacks are accepted unsigned." }
  ))
}, { additionalProperties: false })

export const AppsSettings = Type.Array(AppSettings, { minItems: 1, description: 'The apps whose callbacks are accepted.' })
export type AppsSettings = StaticDecode<typeof AppsSettings>

/** Reads `apps`; problems are left in the document. */
export function readApps (document: RelayDocument): AppsSettings | undefined {
  const apps = document.section(['apps'], AppsSettings)
  const seen = new Set<number>()
  apps?.forEach(({ sdkAppId }, at) => {
    if (seen.has(sdkAppId)) document.problem(['apps', at, 'sdkAppId'], `apps[${at}].sdkAppId: ${sdkAppId} stands here twice`)
    seen.add(sdkAppId)
  })
  return apps
}
