import type { Logger } from '@baton/runtime'
import type { Outcome } from '../outcome.ts'
import type { SqlSettings } from './sql-settings.ts'

interface Tables {
  /** The last migration that the database has seen; 0 where it has seen none. */
  found: number
  /** The last one that this Baton has. */
  known: number
  /** What outcomes' codes begin with. */
  code: string
  /** The SQL that leads from the one to the other, in the database's own words. */
  script: () => string
}

/** What stands in the way of writing to the tables; `migrate` where this worker may bring them up to date, undefined where they are. */
export function obstacleToTables ({ found, known, code, script }: Tables, mode: SqlSettings['migrate'], target: string, log: Logger): Outcome | 'migrate' | undefined {
  if (found === known) return undefined
  if (found > known) {
    return { kind: 'retry', slow: true, code: `${code}_newer_tables`, reason: `a newer Baton has migrated this database to version ${found}, and this one knows version ${known}; update this worker` }
  }
  if (mode === 'auto') return 'migrate'
  const lag = `the tables are of version ${found}, and this Baton needs version ${known}`
  if (mode === 'print') log.warn({ target, sql: script() }, `${lag}: run the SQL of this line, as a user who may create tables; the target then goes on by itself`)
  return {
    kind: 'retry',
    slow: true,
    code: `${code}_tables_wait`,
    reason: mode === 'print' ? `${lag}; run the SQL that was logged` : `${lag}; bring them up to date (migrate: print logs the SQL, migrate: auto runs it)`
  }
}
