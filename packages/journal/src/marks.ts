import { randomBytes } from 'node:crypto'
import { lastingJournalId } from '@baton/contracts'
import { JournalError, messageOf } from './journal-error.ts'

/** A place in the journal: a sequence number, and the bytes of all records up to and with it (those long removed included). */
interface Mark {
  seq: number
  offset: number
}

/** All that a journal knows of itself. Written with every commit, so that nothing is ever counted by a scan. */
export interface Marks {
  id: string
  /** The last record. */
  last: Mark
  /** Everything up to here is settled: the owner has no more need of it. */
  settled: Mark
  /** Everything up to here may be removed: whole batches that are settled. Never after `settled`. */
  removable: Mark
  /** Everything up to here is removed. Never after `removable`. */
  trimmed: Mark
}

/** Of these marks and of how records are stored. 1 had one value for each record. */
const version = 2
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

const randomLetters = (count: number): string => Array.from(randomBytes(count), byte => alphabet[byte & 31]).join('')

/** 'j' and 80 random bits. */
const newJournalId = (): string => `j${randomLetters(16)}`

/** Keeps what comes before the point, which tells others that events have kept their numbers. */
export const renewedJournalId = (id: string): string => `${lastingJournalId(id)}.${randomLetters(8)}`

export function newMarks (): Marks {
  const start = { seq: 0, offset: 0 }
  return { id: newJournalId(), last: start, settled: start, removable: start, trimmed: start }
}

export const unsettledBytes = ({ last, settled }: Marks): number => last.offset - settled.offset
export const retainedBytes = ({ settled, trimmed }: Marks): number => settled.offset - trimmed.offset
/** Bytes that can give way to nothing: what is not settled, and what is settled of a batch that is not wholly so. */
export const heldBytes = ({ last, removable }: Marks): number => last.offset - removable.offset

export function encodeMarks (marks: Marks): Buffer {
  return Buffer.from(JSON.stringify({ v: version, ...marks }))
}

export function decodeMarks (bytes: Buffer): Marks {
  const found = parse(bytes)
  if (found['v'] !== version) {
    throw new JournalError('JOURNAL_UNREADABLE', `The journal has version ${String(found['v'])}, and this Baton reads version ${version}. Run the version of Baton that wrote it, or a later one.`)
  }
  const { id } = found
  const [last, settled, removable, trimmed] = [markIn(found['last']), markIn(found['settled']), markIn(found['removable']), markIn(found['trimmed'])]
  if (typeof id !== 'string' || last === undefined || settled === undefined || removable === undefined || trimmed === undefined) throw damaged(bytes.toString())
  return { id, last, settled, removable, trimmed }
}

function parse (bytes: Buffer): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(bytes.toString())
    if (isRecord(found)) return found
  } catch (error) {
    throw damaged(messageOf(error))
  }
  throw damaged(bytes.toString())
}

function markIn (found: unknown): Mark | undefined {
  if (!isRecord(found)) return undefined
  const { seq, offset } = found
  return typeof seq === 'number' && typeof offset === 'number' ? { seq, offset } : undefined
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const damaged = (what: string): JournalError =>
  new JournalError('JOURNAL_UNREADABLE', `The journal's marks are damaged (${what}). Restore the folder from a backup, or move it away and start with an empty one.`)
