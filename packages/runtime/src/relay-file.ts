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

/** The relay file that the settings name, else ./baton.yaml where it exists; undefined stands for the default relay. */
export const relayFileOf = ({ BATON_CONFIG }: Pick<Settings, 'BATON_CONFIG'>): string | undefined =>
  BATON_CONFIG ?? (existsSync('baton.yaml') ? 'baton.yaml' : undefined)

/** Opens it, or the default relay. Without settings it is the one that the environment names, whatever else is wrong there. */
export function openRelayFile (settings?: Pick<Settings, 'BATON_CONFIG'>): RelayDocument {
  const named = environmentVariable('BATON_CONFIG')
  const file = relayFileOf(settings ?? (named === undefined || named === '' ? {} : { BATON_CONFIG: named }))
  if (file !== undefined) return RelayDocument.read(file, environmentVariable)
  const document = new RelayDocument('(default relay)', defaultRelay, environmentVariable)
  if (existsSync('baton.yml')) document.warning([], 'baton.yml is not read: call it baton.yaml, or set BATON_CONFIG=baton.yml')
  return document
}
