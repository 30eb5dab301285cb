import { delivered, type Outcome } from '../outcome.ts'
import type { GroupAtTime } from '../target.ts'
import type { Database, Session } from './database.ts'
import { rowsOfGroup } from './rows-of-group.ts'
import type { Row, TableName } from './tables.ts'
import { writeTables } from './write-tables.ts'

/** Rows of one transaction: it holds their locks only for moments. */
const rowsTogether = 1_000

/** Writes what is told of groups. One that is cut short is written in part; written again it comes out whole. */
export async function loadGroups (database: Database, groups: readonly GroupAtTime[], kept: readonly TableName[], signal: AbortSignal): Promise<Outcome[]> {
  const told = groups.map(group => rowsOfGroup(group).filter(({ table }) => kept.includes(table)))
  return await database.lend(signal, async session => {
    const together = await written(database, session, told.flat(), kept)
    if (together === delivered || groups.length < 2) return groups.map(() => together)
    const outcomes: Outcome[] = []
    for (const rows of told) outcomes.push(await written(database, session, rows, kept))
    return outcomes
  })
}

/** Throws where the trouble is the target's. */
async function written (database: Database, session: Session, rows: readonly Row[], kept: readonly TableName[]): Promise<Outcome> {
  try {
    for (let from = 0; from < rows.length; from += rowsTogether) {
      const some = rows.slice(from, from + rowsTogether)
      await session.inTransaction(async () => { await writeTables(session, some, kept) })
    }
    return delivered
  } catch (error) {
    const trouble = database.troubleOf(error)
    if (trouble.with === 'target') throw error
    return trouble.outcome
  }
}
