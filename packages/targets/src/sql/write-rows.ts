import type { Event } from '@baton/contracts'
import type { ClientBase } from 'pg'
import { inTransaction } from './in-transaction.ts'
import { mergeRows } from './merge-rows.ts'
import { groupIdOf, rowsOfEvent } from './rows-of-event.ts'
import { storableJson, storableText } from './storable.ts'
import { tables, type Row, type Table } from './tables.ts'
import { timestampOf } from './version.ts'

/**
 * Writes the events and all that they tell, in one transaction. Repeats change nothing: only an event that was not stored yet
 * tells anything, since a repeat without EventTime has another time of receipt, and would count as later. So replaying stored
 * events does not bring back rows that somebody deleted.
 */
export async function writeRows (client: ClientBase, events: readonly Event[]): Promise<void> {
  const read = onceEach(events).map(event => {
    const { text, body } = bodyOf(event)
    return { event, text, body, rows: rowsOfEvent(event, body) }
  })
  await inTransaction(client, async () => {
    // Where another transaction is about to store the same event, this waits for its end.
    const { rows: stored } = await client.query<{ event_id: string }>(insertEvents, eventColumns(read))
    const news = new Set(stored.map(row => row.event_id))
    const rows = read.flatMap(({ event, rows }) => news.has(event.id) ? rows : [])
    for (const { name, table, statement } of upserts) {
      const merged = mergeRows(rows.filter(row => row.table === name))
      if (merged.length > 0) await client.query(statement, rowColumns(table, merged))
    }
  })
}

/** Of receipts of the same event the earliest. */
function onceEach (events: readonly Event[]): Event[] {
  const earliest = new Map<string, Event>()
  for (const event of events) {
    const known = earliest.get(event.id)
    if (known === undefined || event.receivedAt < known.receivedAt) earliest.set(event.id, event)
  }
  return [...earliest.values()]
}

interface ReadEvent {
  event: Event
  /** The body as text, without a byte order mark: PostgreSQL takes it for a syntax error. */
  text: string
  body: object
}

/** A body that does not parse tells nothing here; PostgreSQL then refuses its event. */
function bodyOf ({ body: bytes }: Event): Pick<ReadEvent, 'text' | 'body'> {
  const text = bytes.toString().replace(/^\uFEFF/, '')
  try {
    const body: unknown = JSON.parse(text)
    return { text, body: typeof body === 'object' && body !== null ? body : {} }
  } catch {
    return { text, body: {} }
  }
}

const insertEvents = `
  INSERT INTO chat_event (event_id, sdk_app_id, command, group_id, event_time, received_at, body, decision)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::json[], $8::jsonb[])
  ON CONFLICT (event_id) DO NOTHING
  RETURNING event_id`

/** One array for each column, sorted by id for the same reason as in mergeRows. */
function eventColumns (read: readonly ReadEvent[]): unknown[][] {
  const sorted = [...read].sort(({ event: a }, { event: b }) => a.id < b.id ? -1 : 1)
  return [
    sorted.map(({ event }) => event.id),
    sorted.map(({ event }) => event.appId),
    sorted.map(({ event }) => storableText(event.command)),
    sorted.map(({ body }) => groupIdOf(body) ?? null),
    sorted.map(({ event }) => event.eventTime === null ? null : timestampOf(event.eventTime)),
    sorted.map(({ event }) => timestampOf(event.receivedAt)),
    sorted.map(({ text }) => text),
    sorted.map(({ event: { decision } }) => decision === undefined ? null : JSON.stringify(storableJson(decision)))
  ]
}

/** Takes each field whose version is later than the one that is there; columns and versions of a later Baton stay as they are. */
function upsertInto (name: string, { key, fields }: Table): string {
  const version = (row: 'told' | 'old', field: string) => `((${row === 'told' ? 'excluded' : 'old'}.versions ->> '${field}') COLLATE "C")`
  const later = (field: string) => `${version('told', field)} > coalesce(${version('old', field)}, '')`
  const types = [...Object.values(key), ...Object.values(fields), 'jsonb']
  const known = Object.keys(fields)
  return `
    INSERT INTO ${name} AS old (${[...Object.keys(key), ...known, 'versions'].join(', ')})
    SELECT * FROM unnest(${types.map((type, at) => `$${at + 1}::${type}[]`).join(', ')})
    ON CONFLICT (${Object.keys(key).join(', ')}) DO UPDATE SET
      ${known.map(field => `${field} = CASE WHEN ${later(field)} THEN excluded.${field} ELSE old.${field} END`).join(',\n      ')},
      versions = old.versions || jsonb_strip_nulls(jsonb_build_object(
        ${known.map(field => `'${field}', greatest(${version('told', field)}, ${version('old', field)})`).join(',\n        ')}))
    WHERE ${known.map(later).join('\n      OR ')}`
}

const upserts = Object.entries(tables).map(([name, table]) => ({ name, table, statement: upsertInto(name, table) }))

/** One array for each column. */
function rowColumns (table: Table, rows: readonly Row[]): (string | null)[][] {
  return [
    ...Object.keys(table.key).map((_, at) => rows.map(row => row.key[at] ?? null)),
    ...Object.keys(table.fields).map(field => rows.map(row => row.fields.get(field)?.value ?? null)),
    rows.map(row => JSON.stringify(Object.fromEntries([...row.fields].map(([field, { version }]) => [field, version]))))
  ]
}
