import { openRelayFile, readApps, readSettings, readTlsPair, tlsFilesOf } from '@baton/runtime'
import { readTargets } from '@baton/targets'
import { ingressUrl } from './ingress-url.ts'

export interface Checked {
  /** Where callbacks come in, on this machine. The path may be a secret: this is for operators. */
  ingress: { url: string, certificateExpires?: string }
  /** `freshness` in seconds; `allow` is left out where callbacks may come from everywhere. */
  apps: { sdkAppId: number, signed: boolean, freshness: number, allow?: readonly string[] }[]
  /** In the order in which they are asked; `deadline` in ms. */
  decisions: { app: number, commands: readonly string[], url: string, signed: boolean, deadline: number, fallback: string, mode: string }[]
  targets: { name: string, type: string }[]
}

/** Checks environment and relay file; throws with all problems at once. */
export function check (): Checked {
  const settings = readSettings()
  const document = openRelayFile(settings)
  const apps = readApps(document) ?? []
  const targets = readTargets(document)
  document.assertValid()
  const files = tlsFilesOf(settings)
  return {
    ingress: { url: ingressUrl(settings), ...files && { certificateExpires: new Date(readTlsPair(files).expiresAt).toISOString() } },
    apps: apps.map(({ sdkAppId, tokens, freshness, allow }) => ({ sdkAppId, signed: tokens !== undefined, freshness: freshness / 1_000, ...allow && { allow } })),
    decisions: apps.flatMap(({ sdkAppId: app, decisions = [] }) => decisions.map(({ commands, url, secrets, token, deadline, fallback, mode }) =>
      ({ app, commands, url: withoutQuery(url), signed: (secrets ?? token) !== undefined, deadline, fallback, mode }))),
    targets: targets.map(({ name, type }) => ({ name, type }))
  }
}

/** A query may hold a secret. */
const withoutQuery = (url: string): string => url.replace(/[?#].*/, '')
