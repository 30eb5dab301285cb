import type { Outcome } from '../outcome.ts'

/** What an error means for the events that were on their way. */
export interface Trouble {
  /** `events`: one of them may be the cause, so each is tried alone. `target`: all of them meet the same. */
  with: 'events' | 'target'
  outcome: Outcome
  /** Of `events`: whether it may be the target all the same, so that it is to be looked at again. */
  mayBeTargets?: boolean
}

/** A defect of ours: one event may have brought it to light. */
export const defect = (error: unknown): Trouble => ({
  with: 'events',
  outcome: { kind: 'retry', code: 'unexpected', reason: `a defect of Baton: ${error instanceof Error ? `${error.name} in ${placeOf(error)}` : 'something that is no error'}` }
})

/** Where it was thrown. Its message may hold values. */
const placeOf = ({ stack = '' }: Error): string => /^ +at .*?([\w.-]+\.[jt]s:\d+):\d+\)?$/m.exec(stack)?.[1] ?? 'nowhere'

/** The target itself is wrong, until somebody mends it. */
export const misconfigured = (code: string, reason: string): Trouble => ({ with: 'target', outcome: { kind: 'retry', slow: true, code, reason } })

/** Node's and OpenSSL's words for TLS that does not come about. */
const tls = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|^ERR_SSL|^ERR_TLS|^EPROTO$/

/** A connection that was not made or was lost; `name` is Node's word for it, where it has one. */
export function troubleOfConnection (product: string, name: string, words: { tls: string, said?: string }): Trouble {
  const code = `network_${name.toLowerCase() || 'broken'}`
  if (name === 'ENOTFOUND') return misconfigured(code, "the host in the target's url is not known; mend the url")
  if (name === 'ERR_INVALID_URL') return misconfigured('url_unreadable', "the target's url cannot be read; mend it")
  if (tls.test(name)) return misconfigured(code, `TLS with the server does not come about (${name}); mend its certificate, or ${words.tls}`)
  return { with: 'target', outcome: { kind: 'retry', code, reason: `${product} cannot be reached (${name || words.said || 'the connection broke'})` } }
}
