import type { Event } from '@baton/contracts'
import type { Batch } from './batch.ts'
import { JournalError, messageOf } from './journal-error.ts'
import type { Marks } from './marks.ts'
import type { Store } from './store.ts'

/** Body bytes exactly as appended. */
export interface JournalEntry {
  seq: number
  event: Event
}

/** Bytes are those of whole records: the body, and the other fields with about 40 bytes more. An entry larger than `bytes` comes alone. */
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
      const batch = store.batch(seq)
      bytes += batch.record(seq).length
      if (bytes > limit.bytes && entries.length > 0) break
      entries.push({ seq, event: eventIn(batch, seq) })
    } catch (error) {
      if (entries.length === 0) throw error
      break
    }
  }
  return entries
}

function eventIn (batch: Batch, seq: number): Event {
  try {
    return batch.event(seq)
  } catch (error) {
    throw new JournalError('JOURNAL_UNREADABLE', `Record ${seq} of the journal is damaged: ${messageOf(error)}. Read on after it, and check the disk.`, { cause: error, seq })
  }
}
