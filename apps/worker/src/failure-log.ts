import type { Logger } from '@baton/runtime'
import type { Outcome } from '@baton/targets'

type Failure = Exclude<Outcome, { kind: 'delivered' }>

/** ms for which further failures of a target are only counted: a dead receiver must not drown the log. */
const quiet = 10_000

/** Tells of a target's failed attempts: the first at once, then one line with a count every so often, and that it works again. Every attempt stands at debug. */
export function failureLog (target: string, log: Logger) {
  let since: number | undefined
  let toldAt = 0
  let untold = 0
  return {
    /** Since when no attempt has succeeded, in ms since 1970; undefined while they do. */
    failingSince: () => since,
    failed ({ kind, code, reason }: Failure, attempt: { events: string[], attempt: number }): void {
      const failure = { code, reason }
      log.debug({ target, ...attempt, ...failure }, 'an attempt failed')
      since ??= Date.now()
      untold += 1
      if (Date.now() - toldAt < quiet) return
      log.warn({ target, ...failure, attempts: untold }, kind === 'reject' ? 'the target will not take an event, which becomes a dead letter; see `baton dead list`' : untold === 1 ? 'an attempt failed; it is tried again' : 'attempts go on failing; they are tried again')
      toldAt = Date.now()
      untold = 0
    },
    succeeded (): void {
      if (since === undefined) return
      log.info({ target, failingFor: Date.now() - since }, 'the target takes events again')
      since = undefined
      toldAt = 0
      untold = 0
    }
  }
}

export type FailureLog = ReturnType<typeof failureLog>
