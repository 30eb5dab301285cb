import type { Event } from '@baton/contracts'
import type { Outcome } from '../outcome.ts'
import type { Statement } from './statements/read-statements.ts'
import type { Run } from './statements/runs-of-event.ts'
import type { SweptTable } from './sweep.ts'
import type { Row, TableName } from './tables.ts'
import type { Trouble } from './trouble.ts'

/** An event as the tables hold it: its texts are storable. */
export interface StoredEvent {
  event: Event
  command: string
  groupId: string | undefined
  /** The body as it came, without a byte order mark: databases take it for a syntax error. */
  text: string
  /** JSON. */
  decision: string | undefined
}

/** The maps of a row, as JSON: its `versions`, and its maps in their order in the table. */
export interface StoredMaps {
  key: readonly string[]
  versions: string
  maps: readonly (string | null)[]
}

/** A connection, lent for the time of some work. */
export interface Session {
  /** All of the work or none of it, at READ COMMITTED. After an error that is not the connection's own it can be used again. */
  inTransaction: <T>(work: () => Promise<T>) => Promise<T>
  /** Stores those events that are not there yet, and answers their ids. Where another transaction is about to store the same event, this waits for its end. */
  insertEvents: (events: readonly StoredEvent[]) => Promise<Set<string>>
  /** Takes each field whose version is later than the one that is there; columns and versions of a later Baton stay as they are. Each key comes once, in the order of mergeRows. */
  upsert: (table: TableName, rows: readonly Row[]) => Promise<void>
  /** Of rows that the same transaction has just upserted, so that nobody else changes them. */
  readMaps: (table: TableName, keys: readonly (readonly string[])[]) => Promise<StoredMaps[]>
  writeMaps: (table: TableName, rows: readonly StoredMaps[]) => Promise<void>
  /** Asks the database whether it would run a statement, with all that it names, and runs nothing. Throws what the database says. */
  check: (statement: Statement) => Promise<void>
  /** Runs statements in their order, each as often as it stands there. Throws StatementError. */
  run: (runs: readonly Run[]) => Promise<void>
  /** Deletes at most so many rows whose time is before that, and answers how many: none where another session is about it. A transaction of its own. */
  deleteBefore: (table: SweptTable, time: number, most: number) => Promise<number>
}

/** A database of one product: what it does in its own words. */
export interface Database {
  /** As people call it. */
  product: string
  /** Gives up waiting when the signal is aborted. A connection whose work threw or was given up is never lent again. */
  lend: <T>(signal: AbortSignal, work: (session: Session) => Promise<T>) => Promise<T>
  /** Creates Baton's tables or brings them up to date, as far as the settings let it; several workers may try at once. Answers what stands in the way, if anything does. */
  migrate: (signal: AbortSignal) => Promise<Outcome | undefined>
  /** Why the database would not take an event, where that can be told without asking it. */
  refusalOf: (event: Event) => Outcome | undefined
  troubleOf: (error: unknown) => Trouble
  /** What the server itself says of a statement, with its code; undefined where it was not the server that spoke. May repeat the statement, so it is for those alone that hold no values. */
  wordsOf: (error: unknown) => string | undefined
  close: () => Promise<void>
}
