import { checkSignature, freshnessWindow, type CallbackQuery, type Refusal, type RefusalKindWith } from '@baton/contracts'
import type { AppsSettings } from '@baton/runtime'

type App = AppsSettings[number]

/** A refusal that names an app is of a callback of that app which is wrongly signed. */
export type Admission = { app: App, refusal?: Refusal<RefusalKindWith<401>> } | { app?: never, refusal: Refusal }

/** What the query alone tells: whether the callback is for an app of ours, and signed where it must be. No byte of the body is read before. */
export function admission (apps: AppsSettings): (query: CallbackQuery, now: number) => Admission {
  const byId = new Map(apps.map(app => [String(app.sdkAppId), app]))
  return (query, now) => {
    const app = query.sdkAppId === undefined ? undefined : byId.get(query.sdkAppId)
    if (query.repeated.includes('SdkAppid')) return wrongApp('the query parameter SdkAppid stands there more than once; give it once')
    if (query.sdkAppId === undefined) return wrongApp('the query parameter SdkAppid is missing; Tencent always sends it')
    if (app === undefined) return wrongApp('the query parameter SdkAppid names no app of this relay; add the app to apps in the relay file, or mend the callback URL in the console')
    if (app.tokens === undefined) return { app }
    const verdict = checkSignature(app.tokens, query, now)
    return verdict === 'valid' ? { app } : { app, refusal: { kind: verdict, info: signatureInfo[verdict] } }
  }
}

const wrongApp = (info: string): Admission => ({ refusal: { kind: 'wrong-app', info } })

const signatureInfo = {
  'sign-missing': 'the query parameters Sign and RequestTime are needed; switch authentication on in the console, or remove tokens from the app in the relay file',
  'sign-wrong': 'the query parameter Sign matches none of the tokens of the app; compare the token in the console with the relay file',
  'sign-stale': `the query parameter RequestTime lies more than ${freshnessWindow} s away from the clock here; check this machine's clock`
}
