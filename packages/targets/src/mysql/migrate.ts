import type { Logger } from '@baton/runtime'
import type { Outcome } from '../outcome.ts'
import { obstacleToTables } from '../sql/obstacle-to-tables.ts'
import type { SqlSettings } from '../sql/sql-settings.ts'
import { migrationsWith } from './migrations.ts'
import type { MysqlConnection } from './mysql-connection.ts'

/** s to wait for another worker that migrates. */
const patience = 25

/** Collations that compare byte by byte, blanks at the end included: MySQL's, and MariaDB's. */
const idCollations = ['utf8mb4_0900_bin', 'utf8mb4_nopad_bin']

/** What the tables are to be, and who may make them so. */
export interface Plan {
  prefix: string
  mode: SqlSettings['migrate']
  target: string
  log: Logger
}

/**
 * Creates Baton's tables or brings them up to date, as far as the mode allows; several workers may try at once. Answers what stands in the
 * way, if anything does. A user without the right to create tables is fine where they are up to date already.
 */
export async function migrate (connection: MysqlConnection, plan: Plan): Promise<Outcome | undefined> {
  const { prefix } = plan
  const known = new Set((await connection.rows('SELECT collation_name AS name FROM information_schema.collations WHERE collation_name IN (?)', [idCollations])).map(({ name }) => name))
  const collation = idCollations.find(name => known.has(name))
  if (collation === undefined) {
    return { kind: 'retry', slow: true, code: 'mysql_too_old', reason: 'the server has no collation that compares byte by byte; use MySQL 8.0.17 or later, or MariaDB 10.5 or later' }
  }
  const obstacle = obstacleIn(plan, collation, await versionIn(connection, prefix))
  if (obstacle !== 'migrate') return obstacle
  const [lock] = await connection.rows(`SELECT GET_LOCK(${lockName}, ${patience}) AS held`)
  if (lock?.held !== 1) return { kind: 'retry', code: 'mysql_migrating', reason: 'another worker is creating the tables' }
  try {
    const found = await versionIn(connection, prefix) // again: another worker may have been here while we waited for the lock
    const obstacle = obstacleIn(plan, collation, found)
    if (obstacle !== 'migrate') return obstacle
    for (const statement of statementsFrom(prefix, collation, found)) await connection.query(statement)
    return undefined
  } finally {
    await connection.query(`DO RELEASE_LOCK(${lockName})`).catch(() => {}) // a connection that broke holds no lock
  }
}

function obstacleIn ({ prefix, mode, target, log }: Plan, collation: string, found: number) {
  const script = () => statementsFrom(prefix, collation, found).map(statement => `${statement};`).join('\n')
  return obstacleToTables({ found, known: migrationsWith(prefix, collation).length, code: 'mysql', script }, mode, target, log)
}

const statementsFrom = (prefix: string, collation: string, found: number): string[] => [
  `CREATE TABLE IF NOT EXISTS ${prefix}baton_migration (version INTEGER NOT NULL PRIMARY KEY, applied_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)) ENGINE=InnoDB`,
  ...migrationsWith(prefix, collation).flatMap((migration, at) => at < found ? [] : [...migration, `INSERT INTO ${prefix}baton_migration (version) VALUES (${at + 1})`])
]

/** Locks are the whole server's; ours is the database's. */
const lockName = "CONCAT('baton:', MD5(DATABASE()))"

/** The last migration that the database has seen; 0 where it has seen none. */
async function versionIn (connection: MysqlConnection, prefix: string): Promise<number> {
  const tables = await connection.rows('SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?', [`${prefix}baton_migration`])
  if (tables.length === 0) return 0
  const [last] = await connection.rows(`SELECT COALESCE(MAX(version), 0) AS version FROM ${prefix}baton_migration`)
  return Number(last?.version ?? 0)
}
