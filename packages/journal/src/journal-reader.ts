import { closedError, JournalError } from './journal-error.ts'
import { firstSince, lastUntil, surplusTo } from './find-number.ts'
import type { JournalStats } from './journal.ts'
import type { Marks } from './marks.ts'
import { readEntries, type JournalEntry, type ReadLimit } from './read-entries.ts'
import { statsOf } from './stats-of.ts'
import { openStore } from './store.ts'

/** Sequence numbers of one commit. 0 = none. */
export interface JournalBounds {
  /** Everything up to here is removed. */
  trimmedTo: number
  /** Everything up to here is settled: the owner has no more need of it. */
  settledTo: number
  flushed: number
}

export interface JournalReader {
  /** As of now: the owner may renew it. */
  readonly id: string
  /** Ascending, after < seq <= upTo, only flushed ones. Throws JOURNAL_UNREADABLE, with the `seq` to read on after. */
  read (after: number, upTo: number, limit: ReadLimit): JournalEntry[]
  bounds (): JournalBounds
  stats (): JournalStats
  /**
   * A kept number before which no event was received at or after that ms since 1970; flushed + 1 where there is none. Events of the five seconds before may follow it:
   * an event is appended a little later than another that was received after it, where somebody decides about it first.
   * Throws JOURNAL_UNREADABLE where the journal's file cannot be read, as all that follow.
   */
  firstSince (receivedAt: number): number
  /** A number after which no event was received before that ms since 1970; events of the five seconds after it may be before that number. */
  lastUntil (receivedAt: number): number
  /** The lowest number such that, were everything up to it settled, unsettled records would take so many bytes at most; settledTo where they do already. */
  surplusTo (bytes: number): number
  recall (key: string): string | undefined
  /** All notes whose key begins so, by their whole key. */
  notes (prefix: string): Map<string, string>
  close (): Promise<void>
}

/**
 * Reads while the owner appends, from another thread of its process. Open the journal first: lmdb gives all threads of a process
 * the handle of the one that came first, and a reader's could not write.
 */
export function openJournalReader (folder: string): JournalReader {
  const store = openStore(folder, 'read')
  let closing: Promise<void> | undefined
  const latest = <T>(look: (marks: Marks) => T): T => {
    if (closing !== undefined) throw closedError(folder)
    store.refresh()
    try {
      const marks = store.marks()
      if (marks === undefined) throw new JournalError('JOURNAL_UNREADABLE', `The journal in ${folder} is not made yet. Open it before its readers.`)
      return look(marks)
    } finally {
      store.refresh() // the owner cannot reuse pages that a snapshot still sees
    }
  }
  return {
    get id () {
      return latest(marks => marks.id)
    },
    read: (after, upTo, limit) => latest(marks => readEntries(store, marks, { after, upTo }, limit)),
    bounds: () => latest(({ trimmed, settled, last }) => ({ trimmedTo: trimmed.seq, settledTo: settled.seq, flushed: last.seq })),
    stats: () => latest(marks => statsOf(store, marks)),
    firstSince: receivedAt => latest(marks => firstSince(store, marks, receivedAt)),
    lastUntil: receivedAt => latest(marks => lastUntil(store, marks, receivedAt)),
    surplusTo: bytes => latest(marks => surplusTo(store, marks, bytes)),
    recall: key => latest(() => store.note(key)),
    notes: prefix => latest(() => store.notes(prefix)),
    close () {
      closing ??= store.close()
      return closing
    }
  }
}
