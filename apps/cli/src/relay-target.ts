import { BatonError, createLogger, openRelayFile, readApps, readSettings } from '@baton/runtime'
import { readTargets, type ConfiguredTarget, type Target } from '@baton/targets'

/** A target of the relay file, open as in a worker. */
export interface RelayTarget {
  configured: ConfiguredTarget
  target: Target
  /** SDKAppIDs of the relay file. */
  apps: readonly number[]
}

/** Opens a target for the time of some work. */
export async function withTarget<T> (name: string, work: (opened: RelayTarget) => Promise<T>): Promise<T> {
  const settings = readSettings()
  const document = openRelayFile(settings)
  const apps = readApps(document) ?? []
  const targets = await readTargets(document)
  document.assertValid()
  const configured = targets.find(target => target.name === name)
  if (configured === undefined) throw new BatonError('NOT_FOUND', `The relay file names no target ${name}; it names ${targets.map(target => target.name).join(', ')}.`)
  const target = await configured.open({ log: createLogger('baton', 'silent'), embeddedPostgresPort: settings.EMBEDDED_PG_PORT })
  try {
    return await work({ configured, target, apps: apps.map(({ sdkAppId }) => sdkAppId) })
  } finally {
    await target.close()
  }
}
