import { mkdirSync } from 'node:fs'
import { DiskRoom } from './disk-room.ts'
import type { Draft } from './draft.ts'
import { lockFolder, type FolderLock } from './folder-lock.ts'
import { GroupCommit } from './group-commit.ts'
import { closedError, JournalError, messageOf } from './journal-error.ts'
import type { Journal, JournalOptions } from './journal.ts'
import { newMarks, type Marks } from './marks.ts'
import { readEntries } from './read-entries.ts'
import { statsOf } from './stats-of.ts'
import { openStore, type Store } from './store.ts'

/** Batches that one commit of `trim` removes. */
const trimmedAtOnce = 200

/** Rejects with JOURNAL_IN_USE, JOURNAL_UNWRITABLE or JOURNAL_UNREADABLE. */
export async function openJournal (options: JournalOptions): Promise<Journal> {
  const { folder } = options
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new JournalError('JOURNAL_UNWRITABLE', `The journal's folder ${folder} cannot be made: ${messageOf(error)}. Name one that Baton may write to in BATON_DATA_DIR.`, { cause: error })
  }
  const lock = await lockFolder(folder)
  try {
    const store = openStore(folder, { mapSize: mapSizeFor(options) })
    try {
      const marks = store.marks() ?? await begin(store)
      const room = new DiskRoom(folder, options.minimumFree, store)
      await room.prepare()
      return journalOn({ store, marks, lock, room }, options)
    } catch (error) {
      await store.close()
      throw error
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Only address space. Records between half a page and a page take a page, trees and pages in transit come on top. */
const mapSizeFor = ({ unsettledQuota, retainedQuota }: JournalOptions): number => {
  const page = 65536
  return Math.ceil((4 * (unsettledQuota + retainedQuota) + 2 ** 30) / page) * page
}

async function begin (store: Store): Promise<Marks> {
  const marks = newMarks()
  try {
    await store.write({ after: marks, batches: new Map(), removed: [], notes: new Map() })
  } catch (error) {
    throw new JournalError('JOURNAL_UNWRITABLE', `A new journal cannot be written: ${messageOf(error)}. Check the free space of BATON_DATA_DIR's disk.`, { cause: error })
  }
  return marks
}

function journalOn ({ store, marks, lock, room }: { store: Store, marks: Marks, lock: FolderLock, room: DiskRoom }, options: JournalOptions): Journal {
  const { folder, unsettledQuota, retainedQuota, retention, now = Date.now } = options
  const quota = unsettledQuota + retainedQuota
  const commits = new GroupCommit({ store, marks, room, folder, quota })
  let closing: Promise<void> | undefined

  const whenOpen = async <T>(act: () => Promise<T>): Promise<T> => {
    if (closing !== undefined) throw closedError(folder)
    return await act()
  }
  /** Marks and records as of one commit: the latest on the disk, which may be one ahead of what `commits` has heard of. */
  const look = <T>(act: (marks: Marks) => T): T => {
    if (closing !== undefined) throw closedError(folder)
    store.refresh()
    return act(store.marks() ?? commits.marks)
  }

  /** One small commit's worth. */
  const trimSome = (draft: Draft, upTo: number): number => {
    const cutoff = now() - retention
    const isDue = ({ receivedAt }: { receivedAt: number }) => receivedAt < cutoff || draft.retainedBytes > Math.min(retainedQuota, quota - draft.unsettledBytes)
    const most = draft.removed.length + trimmedAtOnce
    let removed = 0
    while (draft.removed.length < most) {
      const some = draft.removeOldest(upTo, isDue)
      if (some === 0) break
      removed += some
    }
    return removed
  }

  return {
    get id () {
      return commits.marks.id
    },
    get flushed () {
      return commits.marks.last.seq
    },
    get settledTo () {
      return commits.marks.settled.seq
    },
    append: event => closing === undefined ? commits.append(event) : Promise.reject(closedError(folder)),
    read: (after, limit) => look(marks => readEntries(store, marks, { after, upTo: commits.marks.last.seq }, limit)),
    settle: watermark => whenOpen(() => commits.change(draft => draft.settle(watermark))),
    remember: (key, value) => whenOpen(() => commits.change(draft => draft.note(key, value))),
    rememberAll: notes => whenOpen(() => commits.change(draft => { notes.forEach((value, key) => draft.note(key, value)) })),
    recall: key => look(() => store.note(key)),
    async trim (routedTo) {
      let removed = 0
      for (let some = -1; some !== 0; removed += some) {
        some = await whenOpen(() => commits.change(draft => trimSome(draft, routedTo)))
      }
      return { removed }
    },
    renew: () => whenOpen(() => commits.change(draft => draft.renew())),
    stats: () => look(marks => {
      const stats = statsOf(store, marks)
      return { ...stats, bytes: { ...stats.bytes, free: room.free } }
    }),
    obstacle: () => closing === undefined ? commits.obstacle() : closedError(folder).message,
    close () {
      closing ??= commits.idle().then(() => room.idle()).then(() => store.close()).finally(() => lock.release())
      return closing
    }
  }
}
