import { bytesPerBatch, bytesPerRecord, encodeBatch } from './batch.ts'
import { extentOf } from './extent.ts'
import { JournalError } from './journal-error.ts'
import { heldBytes, renewedJournalId, retainedBytes, unsettledBytes, type Marks } from './marks.ts'
import type { Measured } from './record.ts'
import type { Change, Store } from './store.ts'

/** Bounds of one commit, which keep the wait of those that come after it short. One record may go over the bytes. */
const mostChanges = 1000
const mostBytes = 1 << 20
/** Bytes of the records that one commit removes: LMDB notes each page that becomes free. One batch may go over. */
const mostRemovedBytes = 16 << 20
/**
 * Bytes of a batch; one record may go over. LMDB stores it in pages that lie side by side, and the more of them it takes the harder they are
 * to find among the free ones: 16 pages, less the header of the first.
 */
const mostBatchBytes = (64 << 10) - 16

/** A commit in the making. */
export class Draft implements Change {
  readonly after: Marks
  readonly removed: number[] = []
  readonly notes = new Map<string, string | null>()
  readonly #before: Marks
  readonly #store: Store
  readonly #batches: Measured[][] = []
  /** Of the last batch. */
  #batchBytes = Infinity
  #isChanged = false

  constructor (store: Store, before: Marks) {
    this.#store = store
    this.#before = before
    this.after = { ...before, last: { ...before.last } }
  }

  get isEmpty (): boolean {
    return !this.#isChanged && this.#batches.length === 0 && this.notes.size === 0
  }

  get isFull (): boolean {
    const { after, notes, removed } = this
    return after.last.seq - this.#before.last.seq + notes.size + removed.length >= mostChanges ||
      after.last.offset - this.#before.last.offset >= mostBytes ||
      after.trimmed.offset - this.#before.trimmed.offset >= mostRemovedBytes
  }

  get unsettledBytes (): number {
    return unsettledBytes(this.after)
  }

  get retainedBytes (): number {
    return retainedBytes(this.after)
  }

  get heldBytes (): number {
    return heldBytes(this.after)
  }

  /** Whether there is a batch that could be removed. */
  get hasRemovable (): boolean {
    return this.after.removable.seq > this.after.trimmed.seq
  }

  append (record: Measured): number {
    const { last } = this.after
    const size = record.bytes + bytesPerRecord
    if (this.#batchBytes + size > mostBatchBytes) {
      this.#batches.push([])
      this.#batchBytes = bytesPerBatch
    }
    this.#batches.at(-1)?.push(record)
    this.#batchBytes += size
    last.offset += record.bytes
    return ++last.seq
  }

  settle (watermark: number): void {
    if (watermark <= this.after.settled.seq) return
    if (watermark > this.#before.last.seq) {
      throw new JournalError('JOURNAL_BEHIND', `Everything up to ${watermark} is said to be settled, but the journal ends at ${this.#before.last.seq}: its volume was rolled back, or this is another journal's watermark. Renew the journal's id.`)
    }
    const batch = extentOf(this.#store, this.#before, watermark)
    this.after.settled = { seq: watermark, offset: batch.end(watermark) }
    this.after.removable = watermark === batch.last ? this.after.settled : { seq: batch.first - 1, offset: batch.before }
    this.#isChanged = true
  }

  note (key: string, value: string | null): void {
    this.notes.set(key, value)
  }

  renew (): string {
    this.#isChanged = true
    this.after.id = renewedJournalId(this.after.id)
    return this.after.id
  }

  /** Removes the oldest batch if all of it is settled, none of it is after `upTo`, and `wanted` says so. Answers how many records these were. */
  removeOldest (upTo: number, wanted: (newest: { receivedAt: number }) => boolean): number {
    const { trimmed, removable } = this.after
    const end = Math.min(upTo, removable.seq)
    if (trimmed.seq >= end || this.isFull) return 0
    const batch = extentOf(this.#store, this.#before, trimmed.seq + 1)
    if (batch.last > end || !wanted({ receivedAt: batch.receivedAt(batch.last) })) return 0
    this.removed.push(batch.first)
    this.after.trimmed = { seq: batch.last, offset: batch.end(batch.last) }
    this.#isChanged = true
    return batch.last - trimmed.seq
  }

  /** Made when they are asked for, which is once. */
  get batches (): ReadonlyMap<number, Buffer> {
    const batches = new Map<number, Buffer>()
    let { seq, offset } = this.#before.last
    for (const records of this.#batches) {
      batches.set(seq + 1, encodeBatch(offset, records))
      seq += records.length
      for (const { bytes } of records) offset += bytes
    }
    return batches
  }
}
