import { open, type Database, type RootDatabase } from 'lmdb'
import type { Batch } from './batch.ts'
import { batchFinder } from './batch-finder.ts'
import { hasDatabase } from './check-database.ts'
import { JournalError, messageOf } from './journal-error.ts'
import { decodeMarks, encodeMarks, type Marks } from './marks.ts'

/** What one commit changes. All of it is stored, or nothing. */
export interface Change {
  after: Marks
  /** By the number of their first record. */
  batches: ReadonlyMap<number, Buffer>
  /** The first numbers of batches that are removed. */
  removed: readonly number[]
  /** null removes. */
  notes: ReadonlyMap<string, string | null>
}

export interface Store {
  /** Undefined in a new folder. */
  marks (): Marks | undefined
  /** The batch with this record, as a copy that is safe to keep. Throws JOURNAL_UNREADABLE where there is none, with the `seq` to read on after. */
  batch (seq: number): Batch
  note (key: string): string | undefined
  /** Those whose key begins so, in no order that counts. */
  notes (prefix: string): Map<string, string>
  /** Resolves once it is on the disk. Rejects with nothing stored. One at a time. */
  write (change: Change): Promise<void>
  /** Lets go of the snapshot that reads of this turn see: the next read sees the latest commit, and the owner can reuse old pages. */
  refresh (): void
  /** Lets go of the snapshots of processes that died in the middle of a read, which lmdb by itself looks for every ten minutes. */
  forgetDeadReaders (): void
  /** Bytes of the file, and of those the ones in pages that nothing uses. */
  space (): { file: number, free: number }
  close (): Promise<void>
}

/** The first pages of the file, which no tree counts. */
const metaPages = 2
const marksKey = 'marks'
const noteKey = (key: string): string => `note:${key}`

/** `mapSize`: bytes of address space, the most that the file can ever grow to. */
export function openStore (folder: string, access: { mapSize: number } | 'read'): Store {
  if (!hasDatabase(folder) && access === 'read') throw new JournalError('JOURNAL_UNREADABLE', `There is no journal in ${folder}. Open it before its readers; BATON_DATA_DIR says where it lies.`)
  const { root, batches, meta } = openDatabases(folder, access)
  let failed = false
  const reading = <T>(read: () => T): T => {
    try {
      return read()
    } catch (error) {
      throw new JournalError('JOURNAL_UNREADABLE', `The journal in ${folder} cannot be read: ${messageOf(error)}. Check the disk; if it is sound, restart this process.`, { cause: error })
    }
  }

  return {
    marks () {
      const bytes = reading(() => meta.getBinary(marksKey))
      return bytes === undefined ? undefined : decodeMarks(bytes)
    },
    batch: batchFinder(batches, reading),
    note: key => reading(() => meta.getBinary(noteKey(key)))?.toString(),
    notes: prefix => reading(() => {
      const found = new Map<string, string>()
      for (const { key, value } of meta.getRange({ start: noteKey(prefix) })) {
        if (!key.startsWith(noteKey(prefix))) break
        found.set(key.slice(noteKey('').length), value.toString())
      }
      return found
    }),
    async write ({ after, batches: added, removed, notes }) {
      // Once it could not write its meta page LMDB refuses all transactions till it is opened anew. Its writing thread would hang then; a synchronous transaction says so.
      if (failed) root.transactionSync(() => {})
      try {
        const written = root.batch(() => {
          for (const [first, batch] of added) void batches.put(first, batch)
          for (const first of removed) void batches.remove(first)
          for (const [key, value] of notes) void (value === null ? meta.remove(noteKey(key)) : meta.put(noteKey(key), Buffer.from(value)))
          void meta.put(marksKey, encodeMarks(after))
        })
        await Promise.all([written, root.batch(() => {})]) // the second one, which is empty and in the same transaction, has it start at once: see txnStartThreshold
        failed = false
      } catch (error) {
        failed = true
        throw await commitErrorIn(error)
      }
    },
    refresh: () => root.resetReadTxn(),
    forgetDeadReaders: () => { root.readerCheck() },
    space: () => reading(() => {
      const stats = batches.getStats()
      const page = numberIn(stats, 'pageSize')
      const file = (numberIn(stats, 'lastPageNumber') + 1) * page
      const used = [stats, meta.getStats(), propertyOf(stats, 'root'), propertyOf(stats, 'free')].reduce((sum: number, tree) => sum + pagesIn(tree), metaPages)
      return { file, free: Math.max(0, file - used * page) }
    }),
    close: () => root.close()
  }
}

function openDatabases (folder: string, access: { mapSize: number } | 'read'): { root: RootDatabase<Buffer, string>, batches: Database<Buffer, number>, meta: Database<Buffer, string> } {
  const options = {
    path: folder,
    encoding: 'binary' as const,
    maxDbs: 4,
    // Committed then means flushed: what any thread can read is on the disk, and a failed flush is a failed commit.
    overlappingSync: false,
    // With it lmdb makes a promise per turn that nobody holds, whose rejection ends the process when a commit fails.
    eventTurnBatching: false,
    // A batch is handed over whole, never while it is still being filled.
    batchStartThreshold: Number.MAX_SAFE_INTEGER,
    // Else a transaction starts after all that this turn of the event loop has to do, and the disk waits for it.
    txnStartThreshold: 1,
    ...(access === 'read' ? { readOnly: true } : access)
  }
  try {
    const root = open<Buffer, string>(options)
    return {
      root,
      batches: root.openDB<Buffer, number>('batches', { encoding: 'binary' }),
      meta: root.openDB<Buffer, string>('meta', { encoding: 'binary' })
    }
  } catch (error) {
    throw new JournalError('JOURNAL_UNREADABLE', `The journal in ${folder} cannot be opened: ${messageOf(error)}. Check that the folder belongs to the user Baton runs as and that data.mdb and lock.mdb in it are undamaged (BATON_DATA_DIR says where it lies), and that no reader of this process was opened before it.`, { cause: error })
  }
}

/** lmdb rejects with a hint, and puts the reason into a second promise, which would end the process if nobody took it. */
async function commitErrorIn (error: unknown): Promise<unknown> {
  try {
    await propertyOf(error, 'commitError')
  } catch (reason) {
    return reason
  }
  return error
}

const pagesIn = (tree: unknown): number => numberIn(tree, 'treeBranchPageCount') + numberIn(tree, 'treeLeafPageCount') + numberIn(tree, 'overflowPages')

function numberIn (stats: unknown, name: string): number {
  const value = propertyOf(stats, name)
  return typeof value === 'number' ? value : 0
}

const propertyOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined
