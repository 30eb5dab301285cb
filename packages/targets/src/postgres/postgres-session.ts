import type { ClientBase } from 'pg'
import type { Session, StoredEvent } from '../sql/database.ts'
import { eachTable } from '../sql/each-table.ts'
import { retentionClocks, type SweptTable } from '../sql/sweep.ts'
import type { Bound } from '../sql/statements/source.ts'
import { StatementError } from '../sql/statements/statement-error.ts'
import { tables, type ColumnKind, type Row, type Table, type TableName, type Value } from '../sql/tables.ts'
import { versionsText } from '../sql/versions-text.ts'
import { inTransaction } from './in-transaction.ts'
import { timestampOf } from './timestamp-of.ts'

/** Multi-row statements over arrays, one for each column: a batch is one round trip for each table, whatever its size. */
export const postgresSession = (client: ClientBase, statements: PostgresStatements): Session => ({
  inTransaction: async work => await inTransaction(client, work),

  async insertEvents (events) {
    const { rows } = await client.query<{ event_id: string }>(statements.insertEvents, eventColumns(events))
    return new Set(rows.map(row => row.event_id))
  },

  async upsert (name, rows) {
    await client.query(statements.upserts[name], rowColumns(tables[name], rows))
  },

  async readMaps (name, keys) {
    const { key, maps }: Table = tables[name]
    const { rows } = await client.query<string[]>({ text: statements.mapReads[name], values: columnsOf(keys, Object.keys(key).length), rowMode: 'array' })
    return rows.map(row => ({ key: row.slice(0, -1 - maps.length), versions: row.at(-1 - maps.length) ?? '{}', maps: row.slice(row.length - maps.length) }))
  },

  async writeMaps (name, rows) {
    const { key, maps }: Table = tables[name]
    await client.query(statements.mapWrites[name], columnsOf(rows.map(({ key, versions, maps }) => [...key, versions, ...maps]), Object.keys(key).length + 1 + maps.length))
  },

  async check ({ text, parameters }) {
    // EXPLAIN plans it, and looks at the privileges; to prepare it would tell of neither.
    await inTransaction(client, async () => { await client.query(single(`EXPLAIN ${text}`, parameters.map(() => null))) })
  },

  async run (runs) {
    for (let from = 0; from < runs.length; from += mostAtOnce) {
      const some = runs.slice(from, from + mostAtOnce)
      const ended = await Promise.allSettled(some.map(async ({ statement, values }) => await client.query(single(statement.text, values.map(boundAs)))))
      // The first error is the cause: after it the transaction takes nothing more.
      for (const [at, end] of ended.entries()) if (end.status === 'rejected') throw new StatementError(some[at]?.statement.entry ?? '', end.reason)
    }
  },

  async deleteBefore (name, time, most) {
    return await inTransaction(client, async () => {
      const { rows: [lock] } = await client.query<{ held: boolean }>(`SELECT pg_try_advisory_xact_lock(${sweepLock}) AS held`)
      if (lock?.held !== true) return 0
      const { rowCount } = await client.query(statements.deletes[name], [timestampOf(Math.max(time, 0)), most])
      return rowCount ?? 0
    })
  }
})

/** Statements that are sent before the answer to the first is there. */
const mostAtOnce = 500

/** In the extended protocol, also where nothing is bound: there a text is one statement to the server as well. */
const single = (text: string, values: (string | boolean | null)[]) => ({ text, values, queryMode: 'extended' })

/** As text: the server reads it as the type of its place. */
function boundAs (value: Bound): string | boolean | null {
  if (typeof value !== 'object' || value === null) return value
  return 'number' in value ? value.number : timestampOf(value.time)
}

/** Whoever deletes what has outlived its retention holds this advisory lock: "sweep" in ASCII. */
const sweepLock = 0x7377656570

const types: Record<ColumnKind, string> = { app: 'bigint', id: 'text', text: 'text', integer: 'bigint', json: 'jsonb', time: 'timestamptz' }

const insertEvents = (prefix: string): string => `
  INSERT INTO ${prefix}chat_event (event_id, sdk_app_id, command, group_id, event_time, received_at, body, decision)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::json[], $8::jsonb[])
  ON CONFLICT (event_id) DO NOTHING
  RETURNING event_id`

const eventColumns = (events: readonly StoredEvent[]): unknown[][] => [
  events.map(({ event }) => event.id),
  events.map(({ event }) => event.appId),
  events.map(({ command }) => command),
  events.map(({ groupId }) => groupId ?? null),
  events.map(({ event }) => event.eventTime === null ? null : timestampOf(event.eventTime)),
  events.map(({ event }) => timestampOf(event.receivedAt)),
  events.map(({ text }) => text),
  events.map(({ decision }) => decision ?? null)
]

/** Versions compare byte by byte. Of a field the later one counts: its own, or that of the row's beginning. */
function upsertInto (prefix: string, name: TableName): string {
  const { key, fields }: Table = tables[name]
  const own = (row: 'told' | 'old', field: string) => `((${row === 'told' ? 'excluded' : 'old'}.versions ->> '${field}') COLLATE "C")`
  const version = (row: 'told' | 'old', field: string) => `greatest(${own(row, field)}, ${own(row, 'begun')})`
  const later = (field: string) => `${version('told', field)} > coalesce(${version('old', field)}, '')`
  const latest = (field: string) => `greatest(${own('told', field)}, ${own('old', field)})`
  const columns = [...Object.values(key), ...Object.values(fields)].map(kind => types[kind])
  const known = Object.keys(fields)
  return `
    INSERT INTO ${prefix}${name} AS old (${[...Object.keys(key), ...known, 'versions'].join(', ')})
    SELECT * FROM unnest(${[...columns, 'jsonb'].map((type, at) => `$${at + 1}::${type}[]`).join(', ')})
    ON CONFLICT (${Object.keys(key).join(', ')}) DO UPDATE SET
      ${known.map(field => `${field} = CASE WHEN ${later(field)} THEN excluded.${field} ELSE old.${field} END`).join(',\n      ')},
      versions = (old.versions - '{${known.join(',')}}'::text[]) || jsonb_strip_nulls(jsonb_build_object('begun', ${latest('begun')},
        ${known.map(field => `'${field}', CASE WHEN ${latest(field)} >= coalesce(${latest('begun')}, '') THEN ${latest(field)} END`).join(',\n        ')}))
    WHERE ${own('told', 'begun')} > coalesce(${own('old', 'begun')}, '')
      OR ${known.map(later).join('\n      OR ')}`
}

/** The keys as `told`, with further columns. */
const toldAs = ({ key }: Table, further: readonly string[]): string =>
  `unnest(${[...Object.values(key).map(kind => types[kind]), ...further.map(() => 'jsonb')].map((type, at) => `$${at + 1}::${type}[]`).join(', ')}) AS told (${[...Object.keys(key), ...further].join(', ')})`

const sameKey = ({ key }: Table): string => Object.keys(key).map(column => `stored.${column} = told.${column}`).join(' AND ')

const readsMaps = (prefix: string, name: TableName): string => {
  const table: Table = tables[name]
  return `SELECT ${[...Object.keys(table.key), 'versions', ...table.maps].map(column => `stored.${column}::text`).join(', ')} FROM ${prefix}${name} AS stored JOIN ${toldAs(table, [])} ON ${sameKey(table)}`
}

const writesMaps = (prefix: string, name: TableName): string => {
  const table: Table = tables[name]
  const columns = ['versions', ...table.maps]
  return `UPDATE ${prefix}${name} AS stored SET ${columns.map(column => `${column} = told.${column}`).join(', ')} FROM ${toldAs(table, columns)} WHERE ${sameKey(table)}`
}

const deleteFrom = (prefix: string, name: SweptTable): string =>
  `DELETE FROM ${prefix}${name} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${prefix}${name} WHERE ${retentionClocks[name]} < $1 ORDER BY ${retentionClocks[name]} LIMIT $2))`

/** All statements, for tables whose names begin with the prefix. */
export const postgresStatements = (prefix: string) => ({
  insertEvents: insertEvents(prefix),
  upserts: eachTable(name => upsertInto(prefix, name)),
  mapReads: eachTable(name => readsMaps(prefix, name)),
  mapWrites: eachTable(name => writesMaps(prefix, name)),
  deletes: {
    chat_event: deleteFrom(prefix, 'chat_event'),
    chat_group: deleteFrom(prefix, 'chat_group'),
    chat_topic: deleteFrom(prefix, 'chat_topic'),
    chat_group_member: deleteFrom(prefix, 'chat_group_member'),
    chat_message: deleteFrom(prefix, 'chat_message')
  }
})
type PostgresStatements = ReturnType<typeof postgresStatements>

/** One array for each column. */
const columnsOf = <T>(rows: readonly (readonly T[])[], columns: number): (T | undefined)[][] => Array.from({ length: columns }, (_, at) => rows.map(row => row[at]))

const rowColumns = (table: Table, rows: readonly Row[]): Value[][] => [
  ...Object.keys(table.key).map((_, at) => rows.map(row => row.key[at] ?? null)),
  ...Object.keys(table.fields).map(field => rows.map(row => written(row.fields.get(field)?.value ?? null))),
  rows.map(versionsText)
]

const written = (value: Value): Value => typeof value === 'number' ? timestampOf(value) : value
