import type { Logger } from '@baton/runtime'

/** ms for which further events of a target are only counted: a filter that cannot be evaluated for one can seldom be for the next. */
const quiet = 60_000

/** Tells of events for which a target's filter cannot be evaluated: the first at once, then one line with a count every so often. */
export type FilterLog = (target: string, trouble: { event: string, command: string, problem: string }) => void

export function filterLog (log: Logger, now: () => number = () => performance.now()): FilterLog {
  const told = new Map<string, { at: number, events: number }>()
  return (target, trouble) => {
    const before = told.get(target)
    if (before !== undefined && now() - before.at < quiet) {
      before.events += 1
      return
    }
    const events = (before?.events ?? 0) + 1
    told.set(target, { at: now(), events: 0 })
    log.warn({ target, ...trouble, events }, 'a filter cannot be evaluated, so the target does not get the event; where a field may be missing, ask before: has(body.Name) && ...')
  }
}
