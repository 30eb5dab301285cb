import { delivered, longestHold, type Outcome } from '../outcome.ts'

/** 4xx that mean "later": request timeout, too early, too many requests. */
const later = new Set([408, 425, 429])

/** The door is wrong or locked, whatever the event: credentials (401, 403), address (404, 410), method (405). */
const wrongDoor = new Set([401, 403, 404, 405, 410])

/** Statuses with which Retry-After is asked of everybody, not for this event alone. */
const holding = new Set([429, 503])

/** What the receiver's status says of the event. @param retryAfter the header of that name, as it came */
export function outcomeOfStatus (status: number, retryAfter?: string | string[]): Outcome {
  if (status >= 200 && status < 300) return delivered
  const code = `http_${status}`
  if (status >= 300 && status < 400) {
    return { kind: 'retry', slow: true, code, reason: `the receiver answered ${status}, a redirect; redirects are not followed: set url to where it points` }
  }
  if (wrongDoor.has(status)) {
    return { kind: 'retry', slow: true, code, reason: `the receiver answered ${status}; check the target's url, and what its receiver expects` }
  }
  const holdFor = holding.has(status) ? holdOf(retryAfter) : 0
  if (holdFor > 0) return { kind: 'retry', code, reason: `the receiver answered ${status}, and asks to be left alone for ${Math.ceil(holdFor / 1_000)} s`, holdFor }
  if (status >= 500 || later.has(status)) return { kind: 'retry', code, reason: `the receiver answered ${status}` }
  return { kind: 'reject', code, reason: `the receiver answered ${status}: it will not take this event` }
}

/** ms from now; 0 where the header is not there or says nothing. RFC 9110, 10.2.3: seconds, or a date. */
function holdOf (retryAfter: string | string[] | undefined): number {
  const text = typeof retryAfter === 'string' ? retryAfter.trim() : ''
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now()
  return milliseconds > 0 ? Math.min(milliseconds, longestHold) : 0
}
