import type { Logger } from '@baton/runtime'
import type { ClientBase } from 'pg'
import type { Outcome } from '../outcome.ts'
import { obstacleToTables } from '../sql/obstacle-to-tables.ts'
import type { SqlSettings } from '../sql/sql-settings.ts'
import { inTransaction } from './in-transaction.ts'
import { migrationsWith } from './migrations.ts'

/** Whoever migrates holds this advisory lock: "baton" in ASCII. */
const lock = 0x6261746f6e

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
export async function migrate (client: ClientBase, plan: Plan): Promise<Outcome | undefined> {
  const encoding = await settingOf(client, 'server_encoding')
  if (encoding !== 'UTF8') {
    return { kind: 'retry', slow: true, code: 'pg_not_utf8', reason: `the database's encoding is ${encoding}, which cannot hold every text; use a database whose encoding is UTF8` }
  }
  const obstacle = obstacleIn(plan, await versionIn(client, plan.prefix))
  return obstacle === 'migrate' ? await migrateFurther(client, plan) : obstacle
}

const migrateFurther = (client: ClientBase, plan: Plan): Promise<Outcome | undefined> => inTransaction(client, async () => {
  await client.query(`SELECT pg_advisory_xact_lock(${lock})`)
  await client.query(migrationTable(plan.prefix)) // first: only then does this connection see one that another has made
  const found = await versionIn(client, plan.prefix) // again: another worker may have been here while we waited for the lock
  const obstacle = obstacleIn(plan, found)
  if (obstacle !== 'migrate') return obstacle
  for (const statement of statementsFrom(plan.prefix, found)) await client.query(statement)
  return undefined
})

function obstacleIn ({ prefix, mode, target, log }: Plan, found: number) {
  const script = () => `BEGIN;\n${statementsFrom(prefix, found).map(statement => `${statement.trim().replace(/;$/, '')};`).join('\n')}\nCOMMIT;`
  return obstacleToTables({ found, known: migrationsWith(prefix).length, code: 'pg', script }, mode, target, log)
}

const migrationTable = (prefix: string): string =>
  `CREATE TABLE IF NOT EXISTS ${prefix}baton_migration (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`

const statementsFrom = (prefix: string, found: number): string[] => [
  migrationTable(prefix),
  ...migrationsWith(prefix).flatMap((migration, at) => at < found ? [] : [migration, `INSERT INTO ${prefix}baton_migration (version) VALUES (${at + 1})`])
]

/** The last migration that the database has seen; 0 where it has seen none. */
async function versionIn (client: ClientBase, prefix: string): Promise<number> {
  const { rows: [table] } = await client.query<{ present: boolean }>(`SELECT to_regclass('${prefix}baton_migration') IS NOT NULL AS present`)
  if (table?.present !== true) return 0
  const { rows: [last] } = await client.query<{ version: number }>(`SELECT coalesce(max(version), 0) AS version FROM ${prefix}baton_migration`)
  return last?.version ?? 0
}

async function settingOf (client: ClientBase, name: string): Promise<string | undefined> {
  const { rows: [row] } = await client.query<{ value: string }>(`SELECT current_setting('${name}') AS value`)
  return row?.value
}
