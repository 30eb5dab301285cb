import type { Event } from '@baton/contracts'
import type { JournalEntry, ReadLimit } from './read-entries.ts'

export interface JournalOptions {
  folder: string
  /** Bytes of records that are not settled. Beyond it they take the room of the settled ones that can be removed; only then appends are refused. */
  unsettledQuota: number
  /** Bytes of settled records that are kept. */
  retainedQuota: number
  /** ms from its receipt for which a settled record is kept. */
  retention: number
  /** Bytes that must stay free on the disk; pages of the file that are free count. */
  minimumFree: number
  /** ms since 1970. */
  now?: () => number
}

export interface JournalStats {
  /** Records kept. */
  depth: number
  /** Records that are not settled. */
  unsettled: number
  /** Of the oldest record kept. */
  oldestReceivedAt: number | null
  oldestUnsettledAt: number | null
  /** Of records; and of the file. */
  bytes: { unsettled: number, retained: number, file: number }
}

/** What its owner knows besides. */
export interface OwnerStats extends JournalStats {
  /** `free`: on the disk and in the file, as measured at most a second or a few MiB ago. */
  bytes: JournalStats['bytes'] & { free: number }
}

export interface Journal {
  /** Made with the folder; `renew` makes another. */
  readonly id: string
  /** The highest flushed sequence number, 0 = none. Numbers start at 1 and have no gaps. */
  readonly flushed: number
  /** Everything up to here is settled: the owner has no more need of it. */
  readonly settledTo: number
  /** Answers the event's number, after the flush; till then leave its bytes alone. Rejects with JOURNAL_FULL, and its `reason`, with nothing of it stored. */
  append (event: Event): Promise<number>
  /** Ascending, seq > after, only flushed ones. Throws JOURNAL_UNREADABLE, with the `seq` to read on after. */
  read (after: number, limit: ReadLimit): JournalEntry[]
  /**
   * Moves `settledTo` forward, never back. Rejects with JOURNAL_BEHIND where the journal does not reach that far. This and the other
   * changes below are never refused for want of room, as they make some; where the disk does not take them they reject like a failed append.
   */
  settle (watermark: number): Promise<void>
  /** Keeps a small note across restarts; null forgets it. Also the way to try whether the journal can be written. */
  remember (key: string, value: string | null): Promise<void>
  /** Several such notes in one commit: all of them are kept, or none. */
  rememberAll (notes: ReadonlyMap<string, string | null>): Promise<void>
  recall (key: string): string | undefined
  /**
   * Removes settled records, the oldest first, that are older than the retention or beyond their quota; none after `routedTo`. What came in
   * one commit is stored in batches of up to 64 KiB, which stay whole until all of one may go.
   */
  trim (routedTo: number): Promise<{ removed: number }>
  /** A new id, for when others know more of this journal than it does: its volume was rolled back. Records stay, numbers go on; what comes before the point in the id is kept. */
  renew (): Promise<string>
  stats (): OwnerStats
  /** Why an append would be refused now, and what to mend. After a failed commit, until one succeeds. */
  obstacle (): string | undefined
  /** Waits for all that was asked for. */
  close (): Promise<void>
}
