import type { Event } from '@baton/contracts'
import { JournalError } from './journal-error.ts'
import type { Marks } from './marks.ts'
import { decodeRecord } from './record.ts'
import type { Store } from './store.ts'

/** Body bytes exactly as appended. */
export interface JournalEntry {
  seq: number
  event: Event
}

/** Bytes are those of whole records: the body, and the other fields with about 50 bytes more. An entry larger than `bytes` comes alone. */
export interface ReadLimit {
  count: number
  bytes: number
}

/** Ascending, from the first one after `after` that is not removed. Throws JOURNAL_UNREADABLE only for the first: what is before a bad record is given. */
export function readEntries (store: Store, marks: Marks, range: { after: number, upTo: number }, limit: ReadLimit): JournalEntry[] {
  const entries: JournalEntry[] = []
  const end = Math.min(range.upTo, marks.last.seq)
  let bytes = 0
  for (let seq = Math.max(range.after, marks.trimmed.seq) + 1; seq <= end && entries.length < limit.count; seq++) {
    try {
      const record = recordIn(store, seq)
      bytes += record.length
      if (bytes > limit.bytes && entries.length > 0) break
      entries.push({ seq, event: decodeRecord(record, seq) })
    } catch (error) {
      if (entries.length === 0) throw error
      break
    }
  }
  return entries
}

/** A copy of its own: nothing of the map is kept. */
export function recordIn (store: Store, seq: number): Buffer {
  const record = store.record(seq)
  if (record === undefined) throw new JournalError('JOURNAL_UNREADABLE', `Record ${seq} of the journal is missing, though its marks count it. Read on after it, and check the disk.`, { seq })
  return record
}
