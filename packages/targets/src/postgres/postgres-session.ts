import type { ClientBase } from 'pg'
import type { Session, StoredEvent } from '../sql/database.ts'
import { tableNames, tables, type ColumnKind, type Row, type Table, type TableName, type Value } from '../sql/tables.ts'
import { inTransaction } from './in-transaction.ts'
import { timestampOf } from './timestamp-of.ts'

/** Multi-row statements over arrays, one for each column: a batch is one round trip for each table, whatever its size. */
export const postgresSession = (client: ClientBase): Session => ({
  inTransaction: async work => await inTransaction(client, work),

  async insertEvents (events) {
    const { rows } = await client.query<{ event_id: string }>(insertEvents, eventColumns(events))
    return new Set(rows.map(row => row.event_id))
  },

  async upsert (name, rows) {
    await client.query(upserts[name], rowColumns(tables[name], rows))
  }
})

const types: Record<ColumnKind, string> = { app: 'bigint', id: 'text', text: 'text', json: 'jsonb', time: 'timestamptz' }

const insertEvents = `
  INSERT INTO chat_event (event_id, sdk_app_id, command, group_id, event_time, received_at, body, decision)
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

function upsertInto (name: TableName): string {
  const { key, fields }: Table = tables[name]
  const version = (row: 'told' | 'old', field: string) => `((${row === 'told' ? 'excluded' : 'old'}.versions ->> '${field}') COLLATE "C")`
  const later = (field: string) => `${version('told', field)} > coalesce(${version('old', field)}, '')`
  const columns = [...Object.values(key), ...Object.values(fields)].map(kind => types[kind])
  const known = Object.keys(fields)
  return `
    INSERT INTO ${name} AS old (${[...Object.keys(key), ...known, 'versions'].join(', ')})
    SELECT * FROM unnest(${[...columns, 'jsonb'].map((type, at) => `$${at + 1}::${type}[]`).join(', ')})
    ON CONFLICT (${Object.keys(key).join(', ')}) DO UPDATE SET
      ${known.map(field => `${field} = CASE WHEN ${later(field)} THEN excluded.${field} ELSE old.${field} END`).join(',\n      ')},
      versions = old.versions || jsonb_strip_nulls(jsonb_build_object(
        ${known.map(field => `'${field}', greatest(${version('told', field)}, ${version('old', field)})`).join(',\n        ')}))
    WHERE ${known.map(later).join('\n      OR ')}`
}

const upserts = Object.fromEntries(tableNames.map(name => [name, upsertInto(name)])) as Record<TableName, string>

const rowColumns = (table: Table, rows: readonly Row[]): Value[][] => [
  ...Object.keys(table.key).map((_, at) => rows.map(row => row.key[at] ?? null)),
  ...Object.keys(table.fields).map(field => rows.map(row => written(row.fields.get(field)?.value ?? null))),
  rows.map(row => JSON.stringify(Object.fromEntries([...row.fields].map(([field, { version }]) => [field, version]))))
]

const written = (value: Value): Value => typeof value === 'number' ? timestampOf(value) : value
