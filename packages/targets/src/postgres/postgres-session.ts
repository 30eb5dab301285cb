import type { ClientBase } from 'pg'
import type { Session, StoredEvent } from '../sql/database.ts'
import { eachTable } from '../sql/each-table.ts'
import { tables, type ColumnKind, type Row, type Table, type TableName, type Value } from '../sql/tables.ts'
import { versionsText } from '../sql/versions-text.ts'
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
  },

  async readMaps (name, keys) {
    const { key, maps }: Table = tables[name]
    const { rows } = await client.query<string[]>({ text: mapReads[name], values: columnsOf(keys, Object.keys(key).length), rowMode: 'array' })
    return rows.map(row => ({ key: row.slice(0, -1 - maps.length), versions: row.at(-1 - maps.length) ?? '{}', maps: row.slice(row.length - maps.length) }))
  },

  async writeMaps (name, rows) {
    const { key, maps }: Table = tables[name]
    await client.query(mapWrites[name], columnsOf(rows.map(({ key, versions, maps }) => [...key, versions, ...maps]), Object.keys(key).length + 1 + maps.length))
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

/** Versions compare byte by byte. Of a field the later one counts: its own, or that of the row's beginning. */
function upsertInto (name: TableName): string {
  const { key, fields }: Table = tables[name]
  const own = (row: 'told' | 'old', field: string) => `((${row === 'told' ? 'excluded' : 'old'}.versions ->> '${field}') COLLATE "C")`
  const version = (row: 'told' | 'old', field: string) => `greatest(${own(row, field)}, ${own(row, 'begun')})`
  const later = (field: string) => `${version('told', field)} > coalesce(${version('old', field)}, '')`
  const latest = (field: string) => `greatest(${own('told', field)}, ${own('old', field)})`
  const columns = [...Object.values(key), ...Object.values(fields)].map(kind => types[kind])
  const known = Object.keys(fields)
  return `
    INSERT INTO ${name} AS old (${[...Object.keys(key), ...known, 'versions'].join(', ')})
    SELECT * FROM unnest(${[...columns, 'jsonb'].map((type, at) => `$${at + 1}::${type}[]`).join(', ')})
    ON CONFLICT (${Object.keys(key).join(', ')}) DO UPDATE SET
      ${known.map(field => `${field} = CASE WHEN ${later(field)} THEN excluded.${field} ELSE old.${field} END`).join(',\n      ')},
      versions = (old.versions - '{${known.join(',')}}'::text[]) || jsonb_strip_nulls(jsonb_build_object('begun', ${latest('begun')},
        ${known.map(field => `'${field}', CASE WHEN ${latest(field)} >= coalesce(${latest('begun')}, '') THEN ${latest(field)} END`).join(',\n        ')}))
    WHERE ${own('told', 'begun')} > coalesce(${own('old', 'begun')}, '')
      OR ${known.map(later).join('\n      OR ')}`
}

const upserts = eachTable(upsertInto)

/** The keys as `told`, with further columns. */
const toldAs = ({ key }: Table, further: readonly string[]): string =>
  `unnest(${[...Object.values(key).map(kind => types[kind]), ...further.map(() => 'jsonb')].map((type, at) => `$${at + 1}::${type}[]`).join(', ')}) AS told (${[...Object.keys(key), ...further].join(', ')})`

const sameKey = ({ key }: Table): string => Object.keys(key).map(column => `stored.${column} = told.${column}`).join(' AND ')

const mapReads = eachTable(name => {
  const table: Table = tables[name]
  return `SELECT ${[...Object.keys(table.key), 'versions', ...table.maps].map(column => `stored.${column}::text`).join(', ')} FROM ${name} AS stored JOIN ${toldAs(table, [])} ON ${sameKey(table)}`
})

const mapWrites = eachTable(name => {
  const table: Table = tables[name]
  const columns = ['versions', ...table.maps]
  return `UPDATE ${name} AS stored SET ${columns.map(column => `${column} = told.${column}`).join(', ')} FROM ${toldAs(table, columns)} WHERE ${sameKey(table)}`
})

/** One array for each column. */
const columnsOf = <T>(rows: readonly (readonly T[])[], columns: number): (T | undefined)[][] => Array.from({ length: columns }, (_, at) => rows.map(row => row[at]))

const rowColumns = (table: Table, rows: readonly Row[]): Value[][] => [
  ...Object.keys(table.key).map((_, at) => rows.map(row => row.key[at] ?? null)),
  ...Object.keys(table.fields).map(field => rows.map(row => written(row.fields.get(field)?.value ?? null))),
  rows.map(versionsText)
]

const written = (value: Value): Value => typeof value === 'number' ? timestampOf(value) : value
