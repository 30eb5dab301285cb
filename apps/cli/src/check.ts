import { BatonError, bareUrl, openRelayFile, readApps, readSettings, readTlsPair, relayFileOf, tlsFilesOf, type Settings } from '@baton/runtime'
import { readTargets } from '@baton/targets'
import { ingressUrl } from './ingress-url.ts'
import { portClashes } from './port-clashes.ts'

export interface Checked {
  /** null where there is none, so that the default relay holds. */
  relayFile: string | null
  /** What fits, and is hardly what somebody meant. */
  warnings: string[]
  /** Where callbacks come in, on this machine. The path may be a secret: this is for operators. */
  ingress: { url: string, certificateExpires?: string }
  /** `freshness` in seconds; `allow` is left out where callbacks may come from everywhere. */
  apps: { sdkAppId: number, signed: boolean, freshness: number, allow?: readonly string[] }[]
  /** In the order in which they are asked; `deadline` in ms. */
  decisions: { app: number, commands: readonly string[], url: string, signed: boolean, deadline: number, fallback: string, mode: string }[]
  /** `commands` is left out for all after-commands; `without` is what the target is not given of them; `to` has neither user nor password nor query. */
  targets: { name: string, type: string, commands?: readonly string[], without?: string, to?: string, signed?: boolean }[]
}

/** Checks environment and relay file; throws with all problems at once. */
export async function check (): Promise<Checked> {
  const faults: BatonError[] = []
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      faults.push(BatonError.from(error))
      return undefined
    }
  }
  const settings = attempt(readSettings)
  const certificateExpires = settings && attempt(() => expiryOf(settings))
  const document = attempt(() => openRelayFile(settings))
  const apps = document && readApps(document)
  const targets = document && await readTargets(document)
  const clashes = settings && targets ? portClashes(settings, targets.some(({ needsEmbeddedPostgres }) => needsEmbeddedPostgres)) : []
  if (clashes.length > 0) faults.push(new BatonError('SETTINGS_INVALID', 'The environment does not fit. Change these variables:', { problems: clashes }))
  attempt(() => document?.assertValid())
  if (settings === undefined || document === undefined || apps === undefined || targets === undefined || faults.length > 0) throw together(faults)
  return {
    relayFile: relayFileOf(settings) ?? null,
    warnings: document.warnings,
    ingress: { url: ingressUrl(settings), ...certificateExpires !== undefined && { certificateExpires } },
    apps: apps.map(({ sdkAppId, tokens, freshness, allow }) => ({ sdkAppId, signed: tokens !== undefined, freshness: freshness / 1_000, ...allow && { allow } })),
    decisions: apps.flatMap(({ sdkAppId: app, decisions = [] }) => decisions.map(({ commands, url, secrets, token, deadline, fallback, mode }) =>
      ({ app, commands, url: bareUrl(url), signed: (secrets ?? token) !== undefined, deadline, fallback, mode }))),
    targets: targets.map(({ name, type, commands, without, description }) => ({ name, type, ...commands && { commands }, ...without !== undefined && { without }, ...description }))
  }
}

function expiryOf (settings: Settings): string | undefined {
  const files = tlsFilesOf(settings)
  return files && new Date(readTlsPair(files).expiresAt).toISOString()
}

/** One error, with the code of the first. */
function together (faults: readonly BatonError[]): BatonError {
  const [first = new BatonError('RELAY_FILE_INVALID', 'The relay file names no apps.'), ...more] = faults
  if (more.length === 0) return first
  const problems = faults.flatMap(({ problems, message }) => problems.length > 0 ? problems : [message])
  return new BatonError(first.code, 'The environment and the relay file do not fit. Mend all of this:', { problems, cause: first })
}
