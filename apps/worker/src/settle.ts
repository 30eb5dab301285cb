import { backoff, type Delivery, type RetryPolicy, type Verdict } from '@baton/queue'
import type { Outcome } from '@baton/targets'

export interface Settlement {
  /** What becomes of the delivery itself. */
  verdict: Verdict
  /** Deliveries of single events that take over from it; to be added before the delivery is done. */
  splits: Delivery[]
}

type Failure = Exclude<Outcome, { kind: 'delivered' }>

/**
 * Turns the outcomes of one attempt into what happens next. All delivered: done. All to be retried: the delivery retries whole.
 * Mixed, rejected or given up: it splits, so that a dead letter holds exactly one event and no event waits for another's fate.
 * @param now ms since 1970
 */
export function settle (delivery: Delivery, outcomes: readonly Outcome[], policy: RetryPolicy, now: number, random: () => number = Math.random): Settlement {
  const attempts = delivery.attempts + 1
  const next = (failure: Failure): Verdict => verdictOf(failure, { since: delivery.since, attempts, policy, now, random })

  const failed = outcomes.flatMap((outcome, at) => {
    const event = delivery.events[at]
    return outcome.kind === 'delivered' || event === undefined ? [] : [{ event, failure: outcome }]
  })
  const [first] = failed
  if (first === undefined) return { verdict: { kind: 'done' }, splits: [] }
  if (delivery.events.length === 1) return { verdict: next(first.failure), splits: [] }

  if (failed.length === delivery.events.length && failed.every(({ failure }) => failure.kind === 'retry')) {
    const verdict = next(failed.find(({ failure }) => failure.kind === 'retry' && failure.slow)?.failure ?? first.failure)
    if (verdict.kind === 'again') return { verdict, splits: [] }
  }
  return {
    verdict: { kind: 'done' },
    splits: failed.map(({ event, failure }) => {
      const verdict = next(failure)
      return { ...delivery, events: [event], attempts, ...(verdict.kind === 'dead' && { rejected: verdict.reason }), ...(verdict.kind === 'again' && { delay: verdict.delay }) }
    })
  }
}

/**
 * What becomes of a delivery that this worker's own end cut short: the events that were not delivered go back with no attempt counted.
 */
export function handBack (delivery: Delivery, outcomes: readonly Outcome[]): Settlement {
  const left = delivery.events.filter((_, at) => outcomes[at]?.kind !== 'delivered')
  if (left.length === delivery.events.length) return { verdict: { kind: 'back' }, splits: [] }
  return { verdict: { kind: 'done' }, splits: left.map(event => ({ ...delivery, events: [event] })) }
}

/** A delivery that a dead worker had in hand, taken apart before it is tried again: one of its events may be what killed the worker. */
export const splitApart = (delivery: Delivery): Settlement => ({
  verdict: { kind: 'done' },
  splits: delivery.events.map(event => ({ ...delivery, events: [event] }))
})

function verdictOf (failure: Failure, { since, attempts, policy, now, random }: { since: number, attempts: number, policy: RetryPolicy, now: number, random: () => number }): Verdict {
  const reason = `${failure.code}: ${failure.reason}`
  if (failure.kind === 'reject') return { kind: 'dead', reason }
  if (policy.attempts !== undefined && attempts >= policy.attempts) return { kind: 'dead', reason: `${reason}; given up after ${attempts} attempts` }
  const left = since + policy.maxAge - now
  if (left <= 0) return { kind: 'dead', reason: `${reason}; given up after ${attempts} attempts, its maximum age is reached` }
  return { kind: 'again', delay: Math.min(left, backoff(policy, attempts, { slow: failure.slow ?? false, random })), reason }
}
