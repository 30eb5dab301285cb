import { delivered, type Outcome } from '../outcome.ts'

/** 4xx that mean "later": request timeout, too early, too many requests. */
const later = new Set([408, 425, 429])

/** The door is wrong or locked, whatever the event: credentials (401, 403), address (404, 410), method (405). */
const wrongDoor = new Set([401, 403, 404, 405, 410])

/** What the receiver's status says of the event. */
export function outcomeOfStatus (status: number): Outcome {
  if (status >= 200 && status < 300) return delivered
  const code = `http_${status}`
  if (status >= 300 && status < 400) {
    return { kind: 'retry', slow: true, code, reason: `the receiver answered ${status}, a redirect; redirects are not followed: set url to where it points` }
  }
  if (wrongDoor.has(status)) {
    return { kind: 'retry', slow: true, code, reason: `the receiver answered ${status}; check the target's url, and what its receiver expects` }
  }
  if (status >= 500 || later.has(status)) return { kind: 'retry', code, reason: `the receiver answered ${status}` }
  return { kind: 'reject', code, reason: `the receiver answered ${status}: it will not take this event` }
}
