import type { Outcome } from '../outcome.ts'
import { migrationsWith } from './migrations.ts'
import type { MysqlConnection } from './mysql-connection.ts'

/** s to wait for another worker that migrates. */
const patience = 25

/** Collations that compare byte by byte, blanks at the end included: MySQL's, and MariaDB's. */
const idCollations = ['utf8mb4_0900_bin', 'utf8mb4_nopad_bin']

/**
 * Creates Baton's tables or brings them up to date; several workers may try at once. Answers what stands in the way, if
 * anything does. A user without the right to create tables is fine where they are up to date already.
 */
export async function migrate (connection: MysqlConnection): Promise<Outcome | undefined> {
  const known = new Set((await connection.rows('SELECT collation_name AS name FROM information_schema.collations WHERE collation_name IN (?)', [idCollations])).map(({ name }) => name))
  const collation = idCollations.find(name => known.has(name))
  if (collation === undefined) {
    return { kind: 'retry', slow: true, code: 'mysql_too_old', reason: 'the server has no collation that compares byte by byte; use MySQL 8.0.17 or later, or MariaDB 10.5 or later' }
  }
  const migrations = migrationsWith(collation)
  const found = await versionIn(connection)
  if (found >= migrations.length) return found > migrations.length ? newer(found, migrations.length) : undefined
  const [lock] = await connection.rows(`SELECT GET_LOCK(${lockName}, ${patience}) AS held`)
  if (lock?.held !== 1) return { kind: 'retry', code: 'mysql_migrating', reason: 'another worker is creating the tables' }
  try {
    const found = await versionIn(connection) // again: another worker may have been here while we waited for the lock
    if (found > migrations.length) return newer(found, migrations.length)
    await connection.query('CREATE TABLE IF NOT EXISTS baton_migration (version INTEGER NOT NULL PRIMARY KEY, applied_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)) ENGINE=InnoDB')
    for (const [at, migration] of migrations.entries()) {
      if (at < found) continue
      for (const statement of migration) await connection.query(statement)
      await connection.query('INSERT INTO baton_migration (version) VALUES (?)', [at + 1])
    }
    return undefined
  } finally {
    await connection.query(`DO RELEASE_LOCK(${lockName})`).catch(() => {}) // a connection that broke holds no lock
  }
}

/** Locks are the whole server's; ours is the database's. */
const lockName = "CONCAT('baton:', MD5(DATABASE()))"

/** The last migration that the database has seen; 0 where it has seen none. */
async function versionIn (connection: MysqlConnection): Promise<number> {
  const tables = await connection.rows("SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'baton_migration'")
  if (tables.length === 0) return 0
  const [last] = await connection.rows('SELECT COALESCE(MAX(version), 0) AS version FROM baton_migration')
  return Number(last?.version ?? 0)
}

const newer = (version: number, known: number): Outcome => ({
  kind: 'retry',
  slow: true,
  code: 'mysql_newer_tables',
  reason: `a newer Baton has migrated this database to version ${version}, and this one knows version ${known}; update this worker`
})
