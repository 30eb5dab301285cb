import type { Database } from 'lmdb'
import { Batch } from './batch.ts'
import { JournalError, messageOf } from './journal-error.ts'

/**
 * Finds the batch with a record, as a copy that is safe to keep. Throws JOURNAL_UNREADABLE where there is none, with the `seq` to read on after.
 * @param reading turns what LMDB throws into an error of the journal
 */
export function batchFinder (batches: Database<Buffer, number>, reading: <T>(read: () => T) => T): (seq: number) => Batch {
  /** What is read next is mostly near to what was read before, and a batch never changes. */
  let latest: Batch | undefined
  const firstNumber = (range: { start: number, reverse: boolean }): number | undefined => reading(() => {
    const [first] = batches.getKeys({ ...range, limit: 1 })
    return first
  })
  const unreadable = (seq: number, what: string, cause?: unknown): JournalError => {
    const next = firstNumber({ start: seq + 1, reverse: false })
    return new JournalError('JOURNAL_UNREADABLE', `${what}. Read on after it, and check the disk.`, { cause, seq: next === undefined ? seq : next - 1 })
  }

  return seq => {
    if (latest !== undefined && latest.first <= seq && seq <= latest.last) return latest
    const first = firstNumber({ start: seq, reverse: true })
    const bytes = first === undefined ? undefined : reading(() => batches.getBinary(first))
    if (first === undefined || bytes === undefined) throw unreadable(seq, `Record ${seq} of the journal is missing, though its marks count it`)
    try {
      latest = new Batch(first, bytes)
    } catch (error) {
      throw unreadable(seq, `The batch of records of the journal that begins with ${first} is damaged: ${messageOf(error)}`, error)
    }
    if (seq <= latest.last) return latest
    throw unreadable(seq, `Record ${seq} of the journal is missing, though its marks count it`)
  }
}
