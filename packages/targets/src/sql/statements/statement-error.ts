import type { Trouble } from '../trouble.ts'

/** A statement of the operator's own that the database did not run; the cause is what the driver threw. */
export class StatementError extends Error {
  readonly entry: string

  /** @param entry as messages call it: `statements[0]` */
  constructor (entry: string, cause: unknown) {
    super(`${entry} failed`, { cause })
    this.entry = entry
  }
}

/**
 * The same trouble, and which statement it was. That something is not there is told of the target when its statements are checked; here it may also be what this event
 * made of the statement (a text that names a table), so each event is tried alone, and none is lost.
 * @param isServers whether the server has said it: its words may then repeat what was bound, and are left out
 */
export function troubleOfStatement (entry: string, { with: whose, outcome }: Trouble, isServers: boolean): Trouble {
  if (outcome.kind !== 'retry') return { with: whose, outcome: outcome.kind === 'delivered' ? outcome : { ...outcome, reason: `${entry}: ${outcome.reason}` } }
  const { code } = outcome
  if (whose === 'events' || !isServers) return { with: whose, outcome: { ...outcome, reason: `${entry}: ${outcome.reason}` } }
  if (outcome.slow !== true) return { with: whose, outcome: { kind: 'retry', code, reason: `${entry}: the server cannot run it now (${code})` } }
  return { with: 'events', mayBeTargets: true, outcome: { kind: 'retry', code, reason: `${entry}: something that it names is not there, or may not be used (${code}); restore it, or mend the statement` } }
}
