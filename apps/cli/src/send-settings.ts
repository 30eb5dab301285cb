import { readFileSync } from 'node:fs'
import { BatonError, openRelayFile, readApps, readSettings } from '@baton/runtime'
import { ingressUrl } from './ingress-url.ts'

/** Where and as which app `baton send` posts, from the settings and the relay file of this folder. */
export function sendSettings (): { to: string, appId: number, token: string | undefined } {
  const settings = readSettings()
  const document = openRelayFile(settings)
  const [app] = readApps(document) ?? []
  document.assertValid()
  if (app === undefined) throw new BatonError('RELAY_FILE_INVALID', 'The relay file names no apps.')
  return { to: ingressUrl(settings), appId: app.sdkAppId, token: app.tokens?.[0] }
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
