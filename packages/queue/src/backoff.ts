/** How a target's retries are spaced, in ms. */
export interface RetryPolicy {
  firstDelay: number
  maxDelay: number
  /** Counted from when the first attempt was due; past it the event is a dead letter. */
  maxAge: number
  /** At most so many attempts; unlimited within maxAge if left out. */
  attempts?: number | undefined
}

/** Between attempts at a target that is itself wrong, in ms: slow enough to bother nobody, quick enough to notice the mend. */
const slowPace = 300_000

/**
 * ms to wait after `attempts` attempts. Full jitter: anywhere up to the exponential ceiling, so that deliveries that failed
 * together do not return together. Never 0, which would be a hot loop.
 */
export function backoff ({ firstDelay, maxDelay }: RetryPolicy, attempts: number, { slow = false, random = Math.random } = {}): number {
  if (slow) return Math.max(1, Math.round(Math.min(maxDelay, slowPace) * (0.5 + random() / 2)))
  const ceiling = Math.min(maxDelay, firstDelay * 2 ** Math.min(attempts - 1, 52))
  return Math.max(1, Math.round(random() * ceiling))
}
