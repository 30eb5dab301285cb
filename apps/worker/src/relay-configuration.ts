import { openRelayFile, type Settings } from '@baton/runtime'
import { readTargets, relayVersion, type ConfiguredTarget } from '@baton/targets'

/** What a relay file says to a worker. */
export interface RelayConfiguration {
  targets: readonly ConfiguredTarget[]
  /** Of what matters to routers. */
  version: string
  warnings: readonly string[]
}

/** Throws RELAY_FILE_MISSING, or RELAY_FILE_INVALID with all problems. */
export async function readConfiguration (settings: Settings): Promise<RelayConfiguration> {
  const document = openRelayFile(settings)
  const targets = await readTargets(document)
  document.assertValid()
  return { targets, version: relayVersion(targets), warnings: document.warnings }
}
