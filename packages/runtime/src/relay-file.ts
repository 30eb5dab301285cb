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

/** The relay file that the settings name, else ./baton.yaml, else the default relay. Without settings it is the one that the environment names, whatever else is wrong there. */
export function openRelayFile (settings?: Pick<Settings, 'BATON_CONFIG'>): RelayDocument {
  const named = settings === undefined ? environmentVariable('BATON_CONFIG') : settings.BATON_CONFIG
  if (named !== undefined && named !== '') return RelayDocument.read(named, environmentVariable)
  if (existsSync('baton.yaml')) return RelayDocument.read('baton.yaml', environmentVariable)
  return new RelayDocument('(default relay)', defaultRelay, environmentVariable)
}
