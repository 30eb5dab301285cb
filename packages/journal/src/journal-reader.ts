import { closedError, JournalError } from './journal-error.ts'
import type { Marks } from './marks.ts'
import { readEntries, type JournalEntry, type ReadLimit } from './read-entries.ts'
import { openStore } from './store.ts'

export interface JournalReader {
  /** As of now: the owner may renew it. */
  readonly id: string
  /** Ascending, after < seq <= upTo, only flushed ones. Throws JOURNAL_UNREADABLE, with the `seq` to read on after. */
  read (after: number, upTo: number, limit: ReadLimit): JournalEntry[]
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
    close () {
      closing ??= store.close()
      return closing
    }
  }
}
