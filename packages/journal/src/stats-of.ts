import { JournalError } from './journal-error.ts'
import type { JournalStats } from './journal.ts'
import { retainedBytes, unsettledBytes, type Marks } from './marks.ts'
import type { Store } from './store.ts'

/** As of the commit that the marks are of. */
export function statsOf (store: Store, marks: Marks): JournalStats {
  const receivedAt = (seq: number): number | null => {
    if (seq > marks.last.seq) return null
    try {
      return store.batch(seq).receivedAt(seq)
    } catch (error) {
      if (error instanceof JournalError) return null // whoever reads the record is told; figures are wanted all the same
      throw error
    }
  }
  return {
    depth: marks.last.seq - marks.trimmed.seq,
    unsettled: marks.last.seq - marks.settled.seq,
    oldestReceivedAt: receivedAt(marks.trimmed.seq + 1),
    oldestUnsettledAt: receivedAt(marks.settled.seq + 1),
    bytes: { unsettled: unsettledBytes(marks), retained: retainedBytes(marks), file: store.space().file }
  }
}
