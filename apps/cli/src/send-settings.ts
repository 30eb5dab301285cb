import { readFileSync } from 'node:fs'
import { BatonError, openRelayFile, readApps, readSettings } from '@baton/runtime'
import { ingressUrl } from './ingress-url.ts'

/** Where and as which app callbacks are posted, from the settings and the relay file of this folder; `app` stands above its first app. */
export function sendSettings (app?: number): { to: string, appId: number, token: string | undefined, tokens: readonly string[] } {
  const settings = readSettings()
  const document = openRelayFile(settings)
  const apps = readApps(document) ?? []
  document.assertValid()
  const appId = app ?? apps[0]?.sdkAppId
  if (appId === undefined) throw new BatonError('RELAY_FILE_INVALID', 'The relay file names no apps.')
  const tokens = apps.find(({ sdkAppId }) => sdkAppId === appId)?.tokens ?? []
  return { to: ingressUrl(settings), appId, token: tokens[0], tokens }
}

/** The bodies in a file of JSON lines. */
export function readBodies (file: string): string[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new BatonError('BAD_ARGUMENT', `The file ${file} cannot be read.`, { cause: error })
  }
  const bodies = text.split('\n').filter(line => line.trim() !== '')
  if (bodies.length === 0) throw new BatonError('BAD_ARGUMENT', `The file ${file} is empty: it must have one body a line.`)
  return bodies
}
