import { JournalError } from './journal-error.ts'
import { newJournalId, unsettledBytes, retainedBytes, type Marks } from './marks.ts'
import { endOf, placeRecord, receivedAtOf } from './record.ts'
import type { Change, Store } from './store.ts'

/** Bounds of one commit, which keep the wait of those that come after it short. One record may go over the bytes. */
const mostChanges = 1000
const mostBytes = 1 << 20

/** A commit in the making. */
export class Draft implements Change {
  readonly before: Marks
  after: Marks
  readonly records: Buffer[] = []
  readonly notes = new Map<string, string | null>()
  readonly #store: Store
  #bytes = 0

  constructor (store: Store, before: Marks) {
    this.#store = store
    this.before = before
    this.after = before
  }

  get isEmpty (): boolean {
    return this.after === this.before && this.notes.size === 0
  }

  get isFull (): boolean {
    return this.#bytes >= mostBytes || this.records.length + this.notes.size + this.after.trimmed.seq - this.before.trimmed.seq >= mostChanges
  }

  get unsettledBytes (): number {
    return unsettledBytes(this.after)
  }

  get retainedBytes (): number {
    return retainedBytes(this.after)
  }

  append (record: Buffer): number {
    const { last } = this.after
    const next = { seq: last.seq + 1, offset: last.offset + record.length }
    placeRecord(record, next.offset)
    this.records.push(record)
    this.#bytes += record.length
    this.after = { ...this.after, last: next }
    return next.seq
  }

  settle (watermark: number): void {
    if (watermark <= this.after.settled.seq) return
    if (watermark > this.before.last.seq) {
      throw new JournalError('JOURNAL_BEHIND', `Everything up to ${watermark} is said to be settled, but the journal ends at ${this.before.last.seq}: its volume was rolled back, or this is another journal's watermark. Renew the journal's id.`)
    }
    this.after = { ...this.after, settled: { seq: watermark, offset: endOf(this.#stored(watermark)) } }
  }

  note (key: string, value: string | null): void {
    this.notes.set(key, value)
  }

  renew (): string {
    this.after = { ...this.after, id: newJournalId() }
    return this.after.id
  }

  /** Removes the oldest record if it is settled, is not after `upTo`, and `wanted` says so. */
  removeOldest (upTo: number, wanted: (oldest: { receivedAt: number }) => boolean): boolean {
    const seq = this.after.trimmed.seq + 1
    if (seq > upTo || seq > this.after.settled.seq || this.isFull) return false
    const record = this.#stored(seq)
    if (!wanted({ receivedAt: receivedAtOf(record) })) return false
    this.after = { ...this.after, trimmed: { seq, offset: endOf(record) } }
    return true
  }

  #stored (seq: number): Buffer {
    const record = this.#store.record(seq)
    if (record === undefined) throw new JournalError('JOURNAL_UNREADABLE', `Record ${seq} of the journal is missing, though its marks count it. Check the disk.`, { seq })
    return record
  }
}
