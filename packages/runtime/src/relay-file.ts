import { existsSync } from 'node:fs'
import { environmentVariable, type Settings } from './environment.ts'
import { RelayDocument } from './relay-document.ts'

/** What runs on this machine when there is no relay file: one app without token, and the embedded PostgreSQL as target. */
export const defaultRelay = `apps:
  - sdkAppId: 1400000000
targets:
  local:
    type: postgres
    url: embedded
`

/** The relay file that the settings name, else ./baton.yaml, else the default relay. */
export function openRelayFile ({ BATON_CONFIG }: Pick<Settings, 'BATON_CONFIG'>): RelayDocument {
  if (BATON_CONFIG !== undefined) return RelayDocument.read(BATON_CONFIG, environmentVariable)
  if (existsSync('baton.yaml')) return RelayDocument.read('baton.yaml', environmentVariable)
  return new RelayDocument('(default relay)', defaultRelay, environmentVariable)
}
