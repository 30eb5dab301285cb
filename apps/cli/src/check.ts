import { openRelayFile, readApps, readSettings } from '@baton/runtime'
import { readTargets } from '@baton/targets'

export interface Checked {
  apps: { sdkAppId: number, signed: boolean }[]
  targets: { name: string, type: string }[]
}

/** Checks environment and relay file; throws with all problems at once. */
export function check (): Checked {
  const document = openRelayFile(readSettings())
  const apps = readApps(document) ?? []
  const targets = readTargets(document)
  document.assertValid()
  return {
    apps: apps.map(({ sdkAppId, tokens }) => ({ sdkAppId, signed: tokens !== undefined })),
    targets: targets.map(({ name, type }) => ({ name, type }))
  }
}
