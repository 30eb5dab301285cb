import { canary } from './odd-tokens.ts'

/** The apps of the relay that is fuzzed. This one takes what comes, the others do not. */
export const openApp = { sdkAppId: 1400000000 }
/** Takes callbacks from a network that nobody is in. */
export const guardedApp = { sdkAppId: 1400000003, allow: ['192.0.2.0/24'] }
export const signedApp = { sdkAppId: 1400000001, tokens: [`${canary}-old`, `${canary}-new`] }
