import { backoff, type Delivery, type RetryPolicy, type Verdict } from '@baton/queue'
import type { Outcome } from '@baton/targets'

export interface Settlement {
  /** What becomes of the delivery itself. */
  verdict: Verdict
  /** Deliveries of single events that take over from it; to be added before the delivery is done. */
  splits: Delivery[]
}

type Failure = Exclude<Outcome, { kind: 'delivered' }>

export interface SettleOptions {
  /** What becomes of a delivery of which nothing was tried. */
  untried?: 'back' | 'shut'
  /** ms since 1970 */
  now?: number
  random?: () => number
}

/**
 * Turns the outcomes of one attempt into what happens next. All delivered: done. All to be retried: the delivery retries whole.
 * Mixed, rejected or given up: it splits, so that a dead letter holds exactly one event and no event waits for another's fate.
 * @param outcomes undefined where an event was not tried, which counts as no attempt
 */
export function settle (delivery: Delivery, outcomes: readonly (Outcome | undefined)[], policy: RetryPolicy, { untried = 'back', now = Date.now(), random = Math.random }: SettleOptions = {}): Settlement {
  const attempts = delivery.attempts + 1
  const next = (failure: Failure): Verdict => verdictOf(failure, { since: delivery.since, attempts, policy, now, random })

  const left = delivery.events.filter((_, at) => outcomes[at] === undefined)
  if (left.length === delivery.events.length) return { verdict: { kind: untried }, splits: [] }
  const failed = outcomes.flatMap((outcome, at) => {
    const event = delivery.events[at]
    return outcome === undefined || outcome.kind === 'delivered' || event === undefined ? [] : [{ event, failure: outcome }]
  })
  const [first] = failed
  if (first !== undefined && delivery.events.length === 1) return { verdict: next(first.failure), splits: [] }

  if (first !== undefined && failed.length === delivery.events.length && failed.every(({ failure }) => failure.kind === 'retry')) {
    const verdict = next(failed.find(({ failure }) => failure.kind === 'retry' && failure.slow)?.failure ?? first.failure)
    if (verdict.kind === 'again') return { verdict, splits: [] }
  }
  const splits = failed.map(({ event, failure }): Delivery => {
    const verdict = next(failure)
    return { ...delivery, events: [event], attempts, ...(verdict.kind === 'dead' && { rejected: verdict.reason, ...verdict.answer !== undefined && { answer: verdict.answer } }), ...(verdict.kind === 'again' && { delay: verdict.delay }) }
  })
  return { verdict: { kind: 'done' }, splits: left.length > 0 ? [...splits, { ...delivery, events: left }] : splits }
}

/** A delivery as smaller ones, with no attempt counted. @param most events of one of them */
export const takenApart = (delivery: Delivery, most: number): Settlement => ({
  verdict: { kind: 'done' },
  splits: Array.from({ length: Math.ceil(delivery.events.length / most) }, (_, at) => ({ ...delivery, events: delivery.events.slice(at * most, (at + 1) * most) }))
})

function verdictOf (failure: Failure, { since, attempts, policy, now, random }: { since: number, attempts: number, policy: RetryPolicy, now: number, random: () => number }): Verdict {
  const reason = `${failure.code}: ${failure.reason}`
  const dead = (why = ''): Verdict => ({ kind: 'dead', reason: reason + why, ...failure.answer !== undefined && { answer: failure.answer } })
  if (failure.kind === 'reject') return dead()
  if (policy.attempts !== undefined && attempts >= policy.attempts) return dead(`; given up after ${attempts} attempts`)
  const left = since + policy.maxAge - now
  if (left <= 0) return dead(`; given up after ${attempts} attempts, its maximum age is reached`)
  const delay = Math.max(backoff(policy, attempts, { slow: failure.slow ?? false, random }), failure.holdFor ?? 0)
  return { kind: 'again', delay: Math.min(left, delay), reason }
}
