import { checkSignature, leadOf, type CallbackQuery, type Refusal, type RefusalKindWith } from '@baton/contracts'
import { AddressList, type AppsSettings } from '@baton/runtime'

type App = AppsSettings[number]

/** Who sends, as far as it can be known; asked only where an app wants to know. */
export interface Sender {
  readonly ip: string | undefined
}

/** A refusal that names an app is of a callback of that app which is wrongly signed. */
export type Admission = { app: App, refusal?: Refusal<RefusalKindWith<401>> } | { app?: never, refusal: Refusal }

/** What query and sender alone tell: whether the callback is for an app of ours, comes from where it may, and is signed where it must be. No byte of the body is read before. */
export function admission (apps: AppsSettings): (query: CallbackQuery, now: number, sender: Sender) => Admission {
  const byId = new Map(apps.map(app => [String(app.sdkAppId), { app, allowed: app.allow && new AddressList(app.allow) }]))
  return (query, now, sender) => {
    const found = query.sdkAppId === undefined ? undefined : byId.get(query.sdkAppId)
    if (query.repeated.includes('SdkAppid')) return wrongApp('the query parameter SdkAppid stands there more than once; give it once')
    if (query.sdkAppId === undefined) return wrongApp('the query parameter SdkAppid is missing; Tencent always sends it')
    if (found === undefined) return wrongApp('the query parameter SdkAppid names no app of this relay; add the app to apps in the relay file, or mend the callback URL in the console')
    const { app, allowed } = found
    if (allowed !== undefined && !allowed.has(sender.ip)) return wrongAddress
    if (app.tokens === undefined) return { app }
    const verdict = checkSignature(app.tokens, query, now, app.freshness)
    switch (verdict) {
      case 'valid': return { app }
      case 'sign-stale': return { app, refusal: { kind: verdict, info: staleInfo(leadOf(query.RequestTime ?? '', now), app.freshness) } }
      case 'sign-missing':
      case 'sign-wrong': return { app, refusal: { kind: verdict, info: signatureInfo[verdict] } }
    }
  }
}

const wrongApp = (info: string): Admission => ({ refusal: { kind: 'wrong-app', info } })

/** It does not tell the address: whoever sends would learn how we see him. The log does. */
const wrongAddress: Admission = {
  refusal: { kind: 'wrong-address', info: 'callbacks of this app are not accepted from this address; add it to allow in the relay file, or set TRUST_PROXY where it is the address of your own load balancer' }
}

const signatureInfo = {
  'sign-missing': 'the query parameters Sign and RequestTime are needed; switch authentication on in the console, or remove tokens from the app in the relay file',
  'sign-wrong': 'the query parameters Sign and RequestTime fit none of the tokens of the app; compare the token in the console with the relay file'
}

/** @param lead ms by which RequestTime is ahead of the clock here */
function staleInfo (lead: number, freshness: number): string {
  const by = Math.ceil(Math.abs(lead) / 1_000)
  const found = `the query parameter RequestTime is ${by} s ${lead > 0 ? 'ahead of' : 'behind'} the clock here, and the app allows ${freshness / 1_000} s;`
  return lead > 0
    ? `${found} this machine's clock is slow, or the sender's is fast: compare this one with a time server`
    : `${found} this machine's clock is fast, or the callback is old, held up on its way or sent once more by a stranger: compare the clock with a time server`
}
