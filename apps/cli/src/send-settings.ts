import { readFileSync } from 'node:fs'
import { readRecording, type Recording } from '@baton/operations'
import { BatonError, openRelayFile, readApps, readSettings, whyUnreadable } from '@baton/runtime'
import { ingressUrl } from './ingress-url.ts'

export interface SendSettings {
  /** The ingress that runs with these settings. */
  to: string
  /** SDKAppID. */
  appId: number
  /** Of this app; empty where its callbacks are not signed. */
  tokens: readonly string[]
  /** The first token of each app that has one, by SDKAppID. */
  tokenOfApp: ReadonlyMap<number, string>
}

/** Where and as which app callbacks are posted, from the settings and the relay file of this folder; `app` stands above its first app. */
export function sendSettings (app?: number): SendSettings {
  const settings = readSettings()
  const document = openRelayFile(settings)
  const apps = readApps(document) ?? []
  document.assertValid()
  const appId = app ?? apps[0]?.sdkAppId
  if (appId === undefined) throw new BatonError('RELAY_FILE_INVALID', 'The relay file names no apps.')
  return {
    to: ingressUrl(settings),
    appId,
    tokens: apps.find(({ sdkAppId }) => sdkAppId === appId)?.tokens ?? [],
    tokenOfApp: new Map(apps.flatMap(({ sdkAppId, tokens: [first] = [] }) => first === undefined ? [] : [[sdkAppId, first]]))
  }
}

/** The recorded callbacks or the bodies in a file of JSON lines. */
export function readRecordingFile (file: string): Exclude<Recording, { kind: 'unfit' }> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new BatonError('BAD_ARGUMENT', `The file ${file} cannot be read: ${whyUnreadable(error)}.`, { cause: error })
  }
  const recording = readRecording(text)
  if (recording.kind === 'unfit') throw new BatonError('BAD_ARGUMENT', `The file ${file} does not fit. Mend these lines, or leave them out:`, { problems: recording.problems })
  if (recording.kind === 'bodies' && recording.bodies.length === 0) throw new BatonError('BAD_ARGUMENT', `The file ${file} is empty: it must have one body or one recorded callback a line.`)
  return recording
}
