import type { Session } from './database.ts'
import { mergeMaps } from './merge-maps.ts'
import { mergeRows } from './merge-rows.ts'
import { tableNames, type Row, type TableName } from './tables.ts'

/** Writes what is known of rows into those tables that are kept; within a transaction. */
export async function writeTables (session: Session, rows: readonly Row[], kept: readonly TableName[]): Promise<void> {
  for (const table of tableNames) {
    if (!kept.includes(table)) continue
    const merged = mergeRows(rows.filter(row => row.table === table))
    if (merged.length === 0) continue
    await session.upsert(table, merged)
    await mergeMaps(session, table, merged)
  }
}
