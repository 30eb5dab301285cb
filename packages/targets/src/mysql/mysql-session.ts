import type { Session, StoredEvent } from '../sql/database.ts'
import { tableNames, tables, type Row, type Table, type TableName, type Value } from '../sql/tables.ts'
import { datetimeOf } from './datetime-of.ts'
import type { MysqlConnection } from './mysql-connection.ts'
import { isDuplicate, troubleOfError } from './trouble-of-error.ts'

/** How often events are looked up and inserted again, when other workers insert the same ones at the same time. */
const mostRaces = 10

/** Multi-row statements: a batch is one round trip for each table, whatever its size, and one more for the events. */
export const mysqlSession = (connection: MysqlConnection): Session => ({
  async inTransaction (work) {
    await connection.query('START TRANSACTION')
    try {
      const result = await work()
      await connection.query('COMMIT')
      return result
    } catch (error) {
      // Not where the connection is the trouble: it is closed, and the server rolls back.
      if (troubleOfError(error).with === 'events') await connection.query('ROLLBACK').catch(() => {})
      throw error
    }
  },

  async insertEvents (events) {
    for (let races = 0; ; races++) {
      const stored = new Set((await connection.rows('SELECT event_id FROM chat_event WHERE event_id IN (?)', [events.map(({ event }) => event.id)])).map(row => row.event_id))
      const news = events.filter(({ event }) => !stored.has(event.id))
      if (news.length === 0) return new Set()
      try {
        await connection.query(insertEvents, [news.map(eventValues)])
        return new Set(news.map(({ event }) => event.id))
      } catch (error) {
        // Another worker has stored one of them since. Only the statement is undone, and the next look sees what that worker committed.
        if (!isDuplicate(error) || races === mostRaces) throw error
      }
    }
  },

  async upsert (name, rows) {
    await connection.query(upserts[name], [rows.map(row => rowValues(tables[name], row))])
  }
})

const insertEvents = 'INSERT INTO chat_event (event_id, sdk_app_id, command, group_id, event_time, received_at, body, decision) VALUES ?'

const eventValues = ({ event, command, groupId, text, decision }: StoredEvent): Value[] => [
  event.id,
  event.appId,
  command,
  groupId ?? null,
  event.eventTime === null ? null : datetimeOf(event.eventTime),
  datetimeOf(event.receivedAt),
  text,
  decision ?? null
]

/** Assignments happen from left to right, so `versions` comes last: until then it is the one before. */
function upsertInto (name: TableName): string {
  const { key, fields }: Table = tables[name]
  const version = (versions: string, field: string) => `JSON_UNQUOTE(JSON_EXTRACT(${versions}, '$.${field}'))`
  const told = (field: string) => version('VALUES(versions)', field)
  const later = (field: string) => `CAST(${told(field)} AS BINARY) > CAST(COALESCE(${version('versions', field)}, '') AS BINARY)`
  const known = Object.keys(fields)
  return `
    INSERT INTO ${name} (${[...Object.keys(key), ...known, 'versions'].join(', ')}) VALUES ?
    ON DUPLICATE KEY UPDATE
      ${known.map(field => `${field} = IF(${later(field)}, VALUES(${field}), ${field})`).join(',\n      ')},
      versions = JSON_MERGE_PATCH(versions, JSON_OBJECT(
        ${known.map(field => `'${field}', IF(${later(field)}, ${told(field)}, ${version('versions', field)})`).join(',\n        ')}))`
}

const upserts = Object.fromEntries(tableNames.map(name => [name, upsertInto(name)])) as Record<TableName, string>

const rowValues = (table: Table, { key, fields }: Row): Value[] => [
  ...key,
  ...Object.keys(table.fields).map(field => written(fields.get(field)?.value ?? null)),
  JSON.stringify(Object.fromEntries([...fields].map(([field, { version }]) => [field, version])))
]

const written = (value: Value): Value => typeof value === 'number' ? datetimeOf(value) : value
