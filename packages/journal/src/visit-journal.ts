import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { hasOwner } from './folder-lock.ts'
import { JournalError, messageOf } from './journal-error.ts'
import { openJournalReader, type JournalReader } from './journal-reader.ts'

/** A journal that another process may own, or nobody. */
export interface JournalVisit extends JournalReader {
  /** Resolves where all that was read so far can be relied on; else rejects with JOURNAL_IN_USE. */
  confirm (): Promise<void>
}

/**
 * Reads a journal from another process than its owner's, or one that nobody owns. The owner sees in lock.mdb what is being read, and reuses no page of it.
 * Where lock.mdb cannot be written, lmdb reads on without a word, and what it reads may be written over: such a journal is read only while nobody owns it.
 * Rejects with JOURNAL_IN_USE or JOURNAL_UNREADABLE.
 */
export async function visitJournal (folder: string): Promise<JournalVisit> {
  const hidden = existsSync(join(folder, 'data.mdb')) ? whyHidden(folder) : undefined // where there is none, the reader says so
  const confirm = async (): Promise<void> => {
    if (hidden === undefined || !await hasOwner(folder)) return
    throw new JournalError('JOURNAL_IN_USE', `The journal in ${folder} is open in another process, which would write over what is read here, because lock.mdb in it cannot be written (${hidden}). Run this as the user that the ingress runs as and where the folder can be written, or stop the ingress.`)
  }
  await confirm()
  return Object.assign(openJournalReader(folder), { confirm })
}

/** Why an owner would not learn that we read; undefined where it does. */
function whyHidden (folder: string): string | undefined {
  const lock = join(folder, 'lock.mdb')
  const isThere = existsSync(lock)
  try {
    accessSync(isThere ? lock : folder, constants.W_OK)
  } catch (error) {
    return messageOf(error)
  }
  const { uid } = statSync(join(folder, 'data.mdb'))
  if (!isThere && uid !== (process.geteuid?.() ?? uid)) {
    throw new JournalError('JOURNAL_UNREADABLE', `The journal in ${folder} has no lock.mdb, and the one that reading makes would belong to another user than the journal. Run this as the user that the ingress runs as.`)
  }
  return undefined
}
