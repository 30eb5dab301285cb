import type { Answer } from './exchange.ts'
import { end, fail, ok, type Finding } from './finding.ts'
import { refusalOf, spelled } from './refusal-of.ts'
import type { Visit } from './visit.ts'

/** Of no app: SDKAppIDs begin at 1. */
const nobodysApp = 0

/** Whether the ingress knows the app, and no foreign one. */
export async function checkApp (visit: Visit, first: Answer): Promise<Finding> {
  if (refusalOf(first) === 'wrong-app') return end(`the ingress has no app ${visit.appId}`, 'Add it to apps in the relay file of the ingress and restart it, or name with --app the one that it has.')
  if (refusalOf(first) === 'wrong-address') {
    return end('the ingress does not take callbacks of this app from the address that it sees', 'Add the address of this machine to allow in the relay file of the ingress for the time of this check. Where that is done, Baton sees your proxy instead: set TRUST_PROXY, else Tencent\'s callbacks are refused too.')
  }
  const foreign = await visit.ask({ query: visit.query(nobodysApp) })
  if (foreign.silence !== undefined) return fail(`no answer to a foreign SdkAppid (${foreign.silence})`, 'Run the doctor again; see the log of what stands in front.')
  return refusalOf(foreign) === 'wrong-app'
    ? ok(`app ${visit.appId} is known, a foreign one is refused`)
    : fail(`a foreign SdkAppid is not refused: ${spelled(foreign)}`, 'No Baton does that: see what answers there.')
}
