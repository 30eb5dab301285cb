import { open, type Database, type RootDatabase } from 'lmdb'
import { hasDatabase } from './check-database.ts'
import { JournalError, messageOf } from './journal-error.ts'
import { decodeMarks, encodeMarks, type Marks } from './marks.ts'

/** What one commit changes. All of it is stored, or nothing. */
export interface Change {
  before: Marks
  /** Records between the two `trimmed` marks are removed. */
  after: Marks
  /** Get the numbers that follow the last one before. */
  records: readonly Buffer[]
  /** null removes. */
  notes: ReadonlyMap<string, string | null>
}

export interface Store {
  /** Undefined in a new folder. */
  marks (): Marks | undefined
  /** A copy, safe to keep. */
  record (seq: number): Buffer | undefined
  note (key: string): string | undefined
  /** Resolves once it is on the disk. Rejects with nothing stored. One at a time. */
  write (change: Change): Promise<void>
  /** Lets go of the snapshot that reads of this turn see: the next read sees the latest commit, and the owner can reuse old pages. */
  refresh (): void
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
  const { root, records, meta } = openDatabases(folder, access)
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
    record: seq => reading(() => records.getBinary(seq)),
    note: key => reading(() => meta.getBinary(noteKey(key)))?.toString(),
    async write ({ before, after, records: added, notes }) {
      // Once it could not write its meta page LMDB refuses all transactions till it is opened anew. Its writing thread would hang then; a synchronous transaction says so.
      if (failed) root.transactionSync(() => {})
      try {
        await root.batch(() => {
          added.forEach((record, at) => { void records.put(before.last.seq + 1 + at, record) })
          for (let seq = before.trimmed.seq + 1; seq <= after.trimmed.seq; seq++) void records.remove(seq)
          for (const [key, value] of notes) void (value === null ? meta.remove(noteKey(key)) : meta.put(noteKey(key), Buffer.from(value)))
          void meta.put(marksKey, encodeMarks(after))
        })
        failed = false
      } catch (error) {
        failed = true
        throw await commitErrorIn(error)
      }
    },
    refresh: () => root.resetReadTxn(),
    space: () => reading(() => {
      const stats = records.getStats()
      const page = numberIn(stats, 'pageSize')
      const file = (numberIn(stats, 'lastPageNumber') + 1) * page
      const used = [stats, meta.getStats(), propertyOf(stats, 'root'), propertyOf(stats, 'free')].reduce((sum: number, tree) => sum + pagesIn(tree), metaPages)
      return { file, free: Math.max(0, file - used * page) }
    }),
    close: () => root.close()
  }
}

function openDatabases (folder: string, access: { mapSize: number } | 'read'): { root: RootDatabase<Buffer, string>, records: Database<Buffer, number>, meta: Database<Buffer, string> } {
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
    ...(access === 'read' ? { readOnly: true } : access)
  }
  try {
    const root = open<Buffer, string>(options)
    return {
      root,
      records: root.openDB<Buffer, number>('records', { encoding: 'binary' }),
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
