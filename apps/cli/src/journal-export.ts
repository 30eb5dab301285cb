import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { commandFilter, type Event } from '@baton/contracts'
import { JournalError, visitJournal, type JournalEntry, type JournalVisit } from '@baton/journal'
import { BatonError } from '@baton/runtime'

export interface JournalExportOptions {
  /** The journal's. */
  folder: string
  /** Received at or after that, in ms since 1970. */
  since?: number | undefined
  /** Received before that, in ms since 1970. */
  until?: number | undefined
  /** Commands, or patterns with `*`; all if left out. */
  commands?: readonly string[] | undefined
  /** Ends it early. */
  signal: AbortSignal
  /** Takes some events; the next ones are read when it is done. */
  take: (events: Event[]) => Promise<void>
}

export interface JournalExport {
  /** Taken. */
  events: number
  /** Of the oldest event that the journal still has, in ms since 1970; null where it has none. */
  oldest: number | null
  /** It has forgotten events that were received since then, or it may have. */
  reachesTooFar: boolean
  /** Forgotten while it was read. */
  forgotten: number
  /** On the disk, but cannot be read. */
  damaged: number
}

/** Of what is in memory at once: whole records, in bytes, or a larger one alone. */
const slice = { count: 1_000, bytes: 1 << 20 }

/** Reads what a journal has flushed by now, in its order, whether its ingress runs or not. Throws NOT_FOUND or JOURNAL_UNUSABLE. */
export async function exportJournal ({ folder, since = -Infinity, until = Infinity, commands, signal, take }: JournalExportOptions): Promise<JournalExport> {
  try {
    if (!existsSync(join(folder, 'data.mdb'))) throw new BatonError('NOT_FOUND', `There is no journal in ${folder}: no ingress has run here. Set BATON_DATA_DIR to that of the ingress, or name the journal's folder with --folder.`)
    const visit = await visitJournal(folder)
    try {
      const { trimmedTo, flushed } = visit.bounds()
      const { oldestReceivedAt: oldest } = visit.stats()
      const range = { after: visit.firstSince(since) - 1, upTo: Math.min(flushed, visit.lastUntil(until)), received: { since, until } }
      const reachesTooFar = Number.isFinite(since) && trimmedTo > 0 && (oldest === null || since < oldest)
      return { oldest, reachesTooFar, ...await readRange(visit, range, { wanted: commandFilter(commands ?? ['*']), signal, take }) }
    } finally {
      await visit.close()
    }
  } catch (error) {
    if (error instanceof JournalError) throw new BatonError('JOURNAL_UNUSABLE', error.message, { cause: error })
    throw error
  }
}

interface Reading extends Pick<JournalExportOptions, 'signal' | 'take'> {
  wanted: (command: string) => boolean
}

/** Numbers, and the times of receipt that are wanted of them: the ones follow the others nearly. */
interface Range {
  after: number
  upTo: number
  received: { since: number, until: number }
}

async function readRange (visit: JournalVisit, { after, upTo, received: { since, until } }: Range, { wanted, signal, take }: Reading): Promise<Pick<JournalExport, 'events' | 'forgotten' | 'damaged'>> {
  const read = { events: 0, forgotten: 0, damaged: 0 }
  while (after < upTo && !signal.aborted) {
    const { entries, damagedTo } = readSlice(visit, after, upTo)
    await visit.confirm()
    if (damagedTo !== undefined) {
      const end = Math.min(damagedTo, upTo)
      read.damaged += end - after
      after = end
      continue
    }
    const [first] = entries
    read.forgotten += (first?.seq ?? upTo + 1) - after - 1
    after = entries.at(-1)?.seq ?? upTo
    const events = entries.map(({ event }) => event).filter(({ command, receivedAt }) => receivedAt >= since && receivedAt < until && wanted(command))
    read.events += events.length
    await take(events)
  }
  return read
}

function readSlice (visit: JournalVisit, after: number, upTo: number): { entries: JournalEntry[], damagedTo?: number } {
  try {
    return { entries: visit.read(after, upTo, slice) }
  } catch (error) {
    if (error instanceof JournalError && error.seq !== undefined) return { entries: [], damagedTo: error.seq }
    throw error
  }
}
