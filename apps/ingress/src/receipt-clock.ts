/** ms that two events of the same moment lie apart: a million of them fit into a second. A binary fraction, so that adding it is exact. */
const tick = 1 / 1_024

/** A clock in ms that never stands still or goes back: of two events of one ingress, the later one has the higher time. */
export function receiptClock (now: () => number = Date.now): () => number {
  let last = 0
  return () => {
    last = Math.max(last + tick, now())
    return last
  }
}
