import { JournalError } from './journal-error.ts'
import type { Marks } from './marks.ts'
import type { Store } from './store.ts'

/** Where some consecutive records lie; a batch is one. */
export interface Extent {
  readonly first: number
  readonly last: number
  /** Bytes of all records of this journal before the first one. */
  readonly before: number
  /** Bytes of all records of this journal up to and with this one. */
  end (seq: number): number
  /** ms since 1970. */
  receivedAt (seq: number): number
}

/**
 * The batch with this record. Where it cannot be read, what those after it tell of it: a damaged batch must not keep a journal from being
 * settled and trimmed, or it would fill its quota and refuse events for good.
 */
export function extentOf (store: Store, marks: Marks, seq: number): Extent {
  let last: number | undefined
  for (let next = seq; next <= marks.last.seq;) {
    try {
      const batch = store.batch(next)
      return last === undefined ? batch : unreadable(seq, last, batch.before, batch.receivedAt(batch.first))
    } catch (error) {
      if (!(error instanceof JournalError) || error.seq === undefined) throw error
      last ??= error.seq
      next = error.seq + 1
    }
  }
  return unreadable(seq, last ?? seq, marks.last.offset, Infinity)
}

const unreadable = (first: number, last: number, offset: number, receivedAt: number): Extent =>
  ({ first, last, before: offset, end: () => offset, receivedAt: () => receivedAt })
