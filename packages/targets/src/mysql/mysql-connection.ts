import type { ExecuteValues, Pool, PoolConnection, RowDataPacket } from 'mysql2/promise'
import { untilAborted } from '../sql/until-aborted.ts'

/** ms after which the client gives up on a statement; the connection is then closed, and the server rolls back. */
const statementTimeout = 30_000

/** s after which the server gives up waiting for a lock. */
const lockWait = 10

/** A connection as the rest of this folder needs it. */
export interface MysqlConnection {
  query: (sql: string, values?: unknown[]) => Promise<unknown>
  rows: (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>
  /** Has the server prepare a statement anew. */
  prepare: (sql: string) => Promise<void>
  /** Runs a prepared statement; what is bound is sent apart from it. */
  execute: (sql: string, values: ExecuteValues) => Promise<void>
}

/**
 * Values are spelled into the statements by mysql2, so the mode must be one in which backslashes escape; and without strict mode
 * the server would cut texts that are too long. DATETIME has no zone: here it is UTC.
 */
const setUp = [
  `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', innodb_lock_wait_timeout = ${lockWait}`,
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED'
]

const alreadySetUp = new WeakSet<object>()

/**
 * Lends a connection of the pool for the time of some work, and gives up waiting when the signal is aborted. A connection
 * whose work threw or was given up may hold a query or a transaction: it is closed, and never lent again.
 */
export async function lendConnection<T> (pool: Pool, signal: AbortSignal, work: (connection: MysqlConnection) => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const lent = await untilAborted(pool.getConnection(), signal, late => late.release())
  let usable = false
  try {
    const result = await untilAborted(prepared(lent).then(work), signal)
    usable = true
    return result
  } finally {
    if (usable) lent.release()
    else lent.destroy()
  }
}

async function prepared (lent: PoolConnection): Promise<MysqlConnection> {
  const connection: MysqlConnection = {
    query: async (sql, values) => (await lent.query({ sql, values, timeout: statementTimeout }))[0],
    prepare: async sql => {
      lent.unprepare(sql) // one that was prepared before is not asked about again
      await lent.prepare(sql)
    },
    execute: async (sql, values) => { await lent.execute({ sql, timeout: statementTimeout }, values) },
    rows: async (sql, values) => (await lent.query<RowDataPacket[]>({ sql, values, timeout: statementTimeout }))[0]
  }
  if (!alreadySetUp.has(lent.connection)) {
    for (const statement of setUp) await connection.query(statement)
    alreadySetUp.add(lent.connection)
  }
  return connection
}
