import type { ClientBase } from 'pg'
import type { Outcome } from '../outcome.ts'
import { inTransaction } from './in-transaction.ts'
import { migrations } from './migrations.ts'

/** Whoever migrates holds this advisory lock: "baton" in ASCII. */
const lock = 0x6261746f6e

/**
 * Creates Baton's tables or brings them up to date; several workers may try at once. Answers what stands in the way, if
 * anything does. A user without the right to create tables is fine where they are up to date already.
 */
export async function migrate (client: ClientBase): Promise<Outcome | undefined> {
  const encoding = await settingOf(client, 'server_encoding')
  if (encoding !== 'UTF8') {
    return { kind: 'retry', slow: true, code: 'pg_not_utf8', reason: `the database's encoding is ${encoding}, which cannot hold every text; use a database whose encoding is UTF8` }
  }
  const found = await versionIn(client)
  if (found === migrations.length) return undefined
  return found > migrations.length ? newer(found) : await migrateFurther(client)
}

const migrateFurther = (client: ClientBase): Promise<Outcome | undefined> => inTransaction(client, async () => {
  await client.query(`SELECT pg_advisory_xact_lock(${lock})`)
  await client.query('CREATE TABLE IF NOT EXISTS baton_migration (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())')
  const found = await versionIn(client) // again: another worker may have been here while we waited for the lock
  if (found > migrations.length) return newer(found)
  for (const [at, migration] of migrations.entries()) {
    if (at < found) continue
    await client.query(migration)
    await client.query(`INSERT INTO baton_migration (version) VALUES (${at + 1})`)
  }
  return undefined
})

/** The last migration that the database has seen; 0 where it has seen none. */
async function versionIn (client: ClientBase): Promise<number> {
  const { rows: [table] } = await client.query<{ present: boolean }>("SELECT to_regclass('baton_migration') IS NOT NULL AS present")
  if (table?.present !== true) return 0
  const { rows: [last] } = await client.query<{ version: number }>('SELECT coalesce(max(version), 0) AS version FROM baton_migration')
  return last?.version ?? 0
}

async function settingOf (client: ClientBase, name: string): Promise<string | undefined> {
  const { rows: [row] } = await client.query<{ value: string }>(`SELECT current_setting('${name}') AS value`)
  return row?.value
}

const newer = (version: number): Outcome => ({
  kind: 'retry',
  slow: true,
  code: 'pg_newer_tables',
  reason: `a newer Baton has migrated this database to version ${version}, and this one knows version ${migrations.length}; update this worker`
})
