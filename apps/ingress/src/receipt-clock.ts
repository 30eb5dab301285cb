/** A clock in ms that never stands still or goes back: of two events of one ingress, the later one has the higher time. */
export function receiptClock (now: () => number = Date.now): () => number {
  let last = 0
  return () => {
    last = Math.max(last + 1, now())
    return last
  }
}
