import { extentOf } from './extent.ts'
import type { Marks } from './marks.ts'
import type { Store } from './store.ts'

/** By how much later, in ms, an event may be appended than one that was received after it: somebody decides about a before-callback first, for 1.9 s at most. */
const disorder = 5_000

/** A kept number before which no event was received at or after that time, in ms since 1970: near the first that was. The one after the last where there is none. */
export const firstSince = (store: Store, marks: Marks, receivedAt: number): number => lowestSince(store, marks, receivedAt - disorder)

/** A number after which no event was received before that time, in ms since 1970. */
export const lastUntil = (store: Store, marks: Marks, receivedAt: number): number => lowestSince(store, marks, receivedAt + disorder) - 1

function lowestSince (store: Store, marks: Marks, receivedAt: number): number {
  return lowest(marks.trimmed.seq + 1, marks.last.seq + 1, seq => extentOf(store, marks, seq).receivedAt(seq) >= receivedAt)
}

/** The lowest number such that, were everything up to it settled, what is not settled would take so many bytes at most; `settledTo` where it does already. */
export function surplusTo (store: Store, marks: Marks, bytes: number): number {
  const fits = (offset: number): boolean => marks.last.offset - offset <= bytes
  if (fits(marks.settled.offset)) return marks.settled.seq
  return lowest(marks.settled.seq + 1, marks.last.seq, seq => fits(extentOf(store, marks, seq).end(seq)))
}

/** Of the numbers from `low` to `high` the lowest one that `holds`, which holds for all after it; `high` is taken for one and never tried. */
function lowest (low: number, high: number, holds: (seq: number) => boolean): number {
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
