import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { JournalError } from './journal-error.ts'

/** Where LMDB has the first eight bytes of a meta page: its magic number and the version of the format. */
const metaStart = Buffer.from('dec0efbe02000000', 'hex')
const metaOffset = 24
const pageSizes = [4096, 8192, 16384, 32768, 65536]

/** False where there is no database yet. Throws JOURNAL_UNREADABLE for a file that is none: lmdb would end the process with a segmentation fault. */
export function hasDatabase (folder: string): boolean {
  const path = join(folder, 'data.mdb')
  const start = startOf(path)
  if (start.length === 0) return false
  const isMeta = (page: number) => start.subarray(page + metaOffset, page + metaOffset + metaStart.length).equals(metaStart)
  if (isMeta(0) && pageSizes.some(isMeta)) return true
  throw new JournalError('JOURNAL_UNREADABLE', `${path} is not a journal, or is damaged at its very start. Restore it from a backup, or move it away to begin with an empty journal; BATON_DATA_DIR says where it lies.`)
}

function startOf (path: string): Buffer {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw new JournalError('JOURNAL_UNREADABLE', `${path} cannot be read. Give the user that Baton runs as the right to read and write it.`, { cause: error })
  }
  try {
    const start = Buffer.alloc(131072)
    return start.subarray(0, readSync(file, start, 0, start.length, 0))
  } catch (error) {
    throw new JournalError('JOURNAL_UNREADABLE', `${path} cannot be read. Check that it is a file, and the disk.`, { cause: error })
  } finally {
    closeSync(file)
  }
}
