import type { Session, StoredEvent } from '../sql/database.ts'
import { eachTable } from '../sql/each-table.ts'
import { retentionClocks } from '../sql/sweep.ts'
import { StatementError } from '../sql/statements/statement-error.ts'
import { tables, type Row, type Table, type TableName, type Value } from '../sql/tables.ts'
import { versionsText } from '../sql/versions-text.ts'
import { datetimeOf } from './datetime-of.ts'
import { boundAs } from './bound-as.ts'
import { groupedRuns } from './grouped-runs.ts'
import type { MysqlConnection } from './mysql-connection.ts'
import { isDuplicate, troubleOfError } from './trouble-of-error.ts'

/** How often events are looked up and inserted again, when other workers insert the same ones at the same time. */
const mostRaces = 10

/** Multi-row statements: a batch is one round trip for each table, whatever its size, and one more for the events. */
export const mysqlSession = (connection: MysqlConnection, prefix: string, upserts: MysqlUpserts): Session => ({
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
      const stored = new Set((await connection.rows(`SELECT event_id FROM ${prefix}chat_event WHERE event_id IN (?)`, [events.map(({ event }) => event.id)])).map(row => row.event_id))
      const news = events.filter(({ event }) => !stored.has(event.id))
      if (news.length === 0) return new Set()
      try {
        await connection.query(insertEvents(prefix), [news.map(eventValues)])
        return new Set(news.map(({ event }) => event.id))
      } catch (error) {
        // Another worker has stored one of them since. Only the statement is undone, and the next look sees what that worker committed.
        if (!isDuplicate(error) || races === mostRaces) throw error
      }
    }
  },

  async upsert (name, rows) {
    await connection.query(upserts[name], [rows.map(row => rowValues(tables[name], row))])
  },

  async readMaps (name, keys) {
    const { key, maps }: Table = tables[name]
    const columns = Object.keys(key)
    const rows = await connection.rows(`SELECT ${[...columns, 'versions', ...maps].join(', ')} FROM ${prefix}${name} WHERE (${columns.join(', ')}) IN (?)`, [keys])
    return rows.map(row => ({ key: columns.map(column => String(row[column])), versions: String(row.versions), maps: maps.map(map => typeof row[map] === 'string' ? row[map] : null) }))
  },

  async writeMaps (name, rows) {
    const { key, maps }: Table = tables[name]
    const columns = ['versions', ...maps]
    await connection.query(`INSERT INTO ${prefix}${name} (${[...Object.keys(key), ...columns].join(', ')}) VALUES ?
      ON DUPLICATE KEY UPDATE ${columns.map(column => `${column} = VALUES(${column})`).join(', ')}`, [rows.map(({ key, versions, maps }) => [...key, versions, ...maps])])
  },

  async check ({ text }) {
    await connection.prepare(text)
  },

  async run (runs) {
    for (const { entry, text, values } of groupedRuns(runs)) {
      try {
        await connection.execute(text, values.map(boundAs))
      } catch (error) {
        throw new StatementError(entry, error)
      }
    }
  },

  async deleteBefore (name, time, most) {
    const [lock] = await connection.rows(`SELECT GET_LOCK(${sweepLock}, 0) AS held`)
    if (lock?.held !== 1) return 0
    try {
      const clock = retentionClocks[name]
      return affectedBy(await connection.query(`DELETE FROM ${prefix}${name} WHERE ${clock} < ? ORDER BY ${clock} LIMIT ?`, [datetimeOf(Math.max(time, 0)), most]))
    } finally {
      await connection.query(`DO RELEASE_LOCK(${sweepLock})`).catch(() => {}) // a connection that broke holds no lock
    }
  }
})

/** Whoever deletes what has outlived its retention holds this lock. Locks are the whole server's; ours is the database's. */
const sweepLock = "CONCAT('baton-sweep:', MD5(DATABASE()))"

const affectedBy = (result: unknown): number =>
  typeof result === 'object' && result !== null && 'affectedRows' in result ? Number(result.affectedRows) : 0

const insertEvents = (prefix: string): string => `INSERT INTO ${prefix}chat_event (event_id, sdk_app_id, command, group_id, event_time, received_at, body, decision) VALUES ?`

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

/**
 * Versions compare byte by byte. Of a field the later one counts: its own, or that of the row's beginning. Assignments happen from left
 * to right, so `versions` comes last: until then it is the one before.
 */
function upsertInto (prefix: string, name: TableName): string {
  const { key, fields }: Table = tables[name]
  const own = (row: 'told' | 'old', field: string) =>
    `COALESCE(CONVERT(JSON_UNQUOTE(JSON_EXTRACT(${row === 'told' ? 'VALUES(versions)' : 'versions'}, '$.${field}')) USING utf8mb4) COLLATE utf8mb4_bin, '')`
  const version = (row: 'told' | 'old', field: string) => `GREATEST(${own(row, field)}, ${own(row, 'begun')})`
  const latest = (field: string) => `GREATEST(${own('told', field)}, ${own('old', field)})`
  const known = Object.keys(fields)
  return `
    INSERT INTO ${prefix}${name} (${[...Object.keys(key), ...known, 'versions'].join(', ')}) VALUES ?
    ON DUPLICATE KEY UPDATE
      ${known.map(field => `${field} = IF(${version('told', field)} > ${version('old', field)}, VALUES(${field}), ${field})`).join(',\n      ')},
      versions = JSON_MERGE_PATCH(versions, JSON_OBJECT('begun', NULLIF(${latest('begun')}, ''),
        ${known.map(field => `'${field}', IF(${latest(field)} >= ${latest('begun')}, NULLIF(${latest(field)}, ''), NULL)`).join(',\n        ')}))`
}

/** Of each table, for names that begin with the prefix. */
export const mysqlUpserts = (prefix: string): Record<TableName, string> => eachTable(name => upsertInto(prefix, name))
type MysqlUpserts = ReturnType<typeof mysqlUpserts>

const rowValues = (table: Table, row: Row): Value[] => [
  ...row.key,
  ...Object.keys(table.fields).map(field => written(row.fields.get(field)?.value ?? null)),
  versionsText(row)
]

const written = (value: Value): Value => typeof value === 'number' ? datetimeOf(value) : value
