import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { createLogger, type Logger } from '@baton/runtime'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { Client } from 'pg'
import type { Test } from 'tap'
import type { Target } from '../../src/target.ts'
import { tableNames, tables, type ColumnKind, type Table, type TableName } from '../../src/sql/tables.ts'
import { mysql } from '../../src/mysql/mysql.ts'
import { postgres } from '../../src/postgres/postgres.ts'

type Cell = string | number | null

export interface Database {
  kind: Kind
  url: string
  query: (sql: string) => Promise<Record<string, Cell>[]>
}

/** A kind of database to test with. */
export interface Kind {
  /** As people call it. */
  name: string
  type: 'postgres' | 'mysql'
  embeddedPostgresPort: number
  /** Runs of the property: the embedded one is slower. */
  runs: number
  /** A database without tables. */
  fresh: (t: Test) => Promise<Database>
  /** A column as ms since 1970, and a JSON column as its text. */
  milliseconds: (column: string) => string
  json: (column: string) => string
  /** Error codes: a text that is too long, JSON that is none, too deep, a check, no such table. */
  codes: Record<'tooLong' | 'notJson' | 'tooDeep' | 'check' | 'noTable' | 'newer', string>
}

const inPostgres = {
  type: 'postgres',
  milliseconds: (column: string) => `round(extract(epoch FROM ${column}) * 1000)::bigint::text`,
  json: (column: string) => `${column}::text`,
  codes: { tooLong: 'pg_54000', notJson: 'pg_22P02', tooDeep: 'pg_54001', check: 'pg_23514', noTable: 'pg_42P01', newer: 'pg_newer_tables' }
} as const

export function realPostgres (serverUrl: string): Kind {
  let databases = 0
  const kind: Kind = {
    ...inPostgres,
    name: 'PostgreSQL',
    embeddedPostgresPort: 0,
    runs: 30,
    async fresh (t) {
      const name = `chat_${++databases}`
      await (await connected(t, serverUrl)).query(`CREATE DATABASE ${name}`)
      const url = withDatabase(serverUrl, name)
      let client: Client | undefined
      return {
        kind,
        url,
        async query (sql) {
          if (client === undefined) {
            client = await connected(t, url)
            client.on('error', () => { client = undefined })
          }
          return (await client.query<Record<string, Cell>>(sql)).rows
        }
      }
    }
  }
  return kind
}

async function connected (t: Test, url: string): Promise<Client> {
  const client = new Client(url)
  client.on('error', () => {}) // some tests stop the server
  await client.connect()
  t.teardown(() => client.end())
  return client
}

/** PGlite behind its socket server; one for all tests, since it takes a second to start. */
export async function embeddedPostgres (t: Test): Promise<Kind> {
  const pglite = await PGlite.create()
  const server = new PGLiteSocketServer({ db: pglite, port: 0, maxConnections: 20 })
  await server.start()
  t.teardown(async () => {
    await server.stop()
    await pglite.close()
  })
  const kind: Kind = {
    ...inPostgres,
    name: 'embedded PostgreSQL',
    embeddedPostgresPort: Number(server.getServerConn().split(':')[1]),
    runs: 12,
    async fresh () {
      await pglite.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
      return { kind, url: 'embedded', query: async sql => (await pglite.query<Record<string, Cell>>(sql)).rows }
    }
  }
  return kind
}

export function realMariadb (serverUrl: string): Kind {
  let databases = 0
  const kind: Kind = {
    type: 'mysql',
    name: 'MariaDB',
    embeddedPostgresPort: 0,
    runs: 30,
    milliseconds: column => `CAST(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ${column}) DIV 1000 AS CHAR)`,
    json: column => column,
    codes: { tooLong: 'mysql_1406', notJson: 'mysql_not_json', tooDeep: 'mysql_too_deep', check: 'mysql_4025', noTable: 'mysql_1146', newer: 'mysql_newer_tables' },
    async fresh (t) {
      const url = withDatabase(serverUrl, `chat_${++databases}`)
      const admin = await connectedToMariadb(t, serverUrl)
      await admin.query(`CREATE DATABASE chat_${databases}`)
      let connection: Connection | undefined
      return {
        kind,
        url,
        async query (sql) {
          if (connection === undefined) {
            connection = await connectedToMariadb(t, url)
            connection.on('error', () => { connection = undefined })
          }
          const [rows] = await connection.query<RowDataPacket[]>({ sql, typeCast: field => field.string() })
          return Array.isArray(rows) ? rows.map(row => ({ ...row })) : []
        }
      }
    }
  }
  return kind
}

async function connectedToMariadb (t: Test, uri: string): Promise<Connection> {
  const connection = await createConnection({ uri })
  connection.on('error', () => {}) // some tests stop the server
  t.teardown(() => { connection.destroy() })
  return connection
}

export const withDatabase = (url: string, name: string): string => url.replace(/[^/]*$/, name)

interface Opening extends Record<string, unknown> {
  concurrency?: number
  log?: Logger
}

/** Opens a target of the kind as a relay file would, with further settings, and closes it when the test ends. */
export function openTarget (t: Test, database: Pick<Database, 'kind' | 'url'>, opening: Opening = {}): Target {
  const target = unclosed(database, opening)
  t.teardown(() => target.close())
  return target
}

export function unclosed ({ kind, url }: Pick<Database, 'kind' | 'url'>, { concurrency = 10, log = createLogger('test', 'silent'), ...settings }: Opening = {}): Target {
  const { problems, open } = { mysql, postgres }[kind.type].configure({ url, ...settings })
  if (problems.length > 0) throw new Error(problems.map(({ at, problem }) => `${at.join('.')}: ${problem}`).join('\n'))
  return open({ name: 'warehouse', log, embeddedPostgresPort: kind.embeddedPostgresPort, concurrency, timeout: 10_000 })
}

/** What the tables hold, each row by its key without the app. Times are ms, JSON is parsed, and what is NULL is left out. */
export type Contents = Record<TableName, Record<string, Record<string, unknown>>>

export const noContents = (): Contents => ({ chat_group: {}, chat_topic: {}, chat_group_member: {}, chat_message: {} })

export async function contentsOf ({ kind, query }: Database): Promise<Contents> {
  const contents = noContents()
  for (const name of tableNames) {
    const { key, maps, ...table }: Table = tables[name]
    const fields: Table['fields'] = { ...table.fields, ...Object.fromEntries(maps.map(map => [map, 'json'])) }
    const [, ...ids] = Object.keys(key)
    const columns = Object.entries(fields).map(([field, is]) => `${spelled(kind, field, is)} AS ${field}`)
    for (const row of await query(`SELECT ${[...ids, ...columns, 'incomplete'].join(', ')} FROM ${name}`)) {
      contents[name][ids.map(id => row[id]).join(' ')] = Object.fromEntries([['incomplete', ['true', '1'].includes(String(row.incomplete))], ...Object.entries(fields).flatMap(([field, is]) => {
        const value = row[field] ?? null
        return value === null ? [] : [[field, is === 'json' ? JSON.parse(String(value)) : is === 'time' ? Number(value) : is === 'integer' ? String(value) : value] as const]
      })])
    }
  }
  return contents
}

const spelled = (kind: Kind, field: string, is: ColumnKind): string => is === 'time' ? kind.milliseconds(field) : is === 'json' ? kind.json(field) : field

/** The stored time of receipt of each event. */
export const receiptsIn = async ({ kind, query }: Database): Promise<Partial<Record<string, number>>> =>
  Object.fromEntries((await query(`SELECT event_id, ${kind.milliseconds('received_at')} AS at FROM chat_event`)).map(row => [String(row.event_id), Number(row.at)]))

export async function empty ({ query }: Database): Promise<void> {
  for (const name of ['chat_event', ...tableNames]) await query(`DELETE FROM ${name}`)
}

export const count = async ({ query }: Database, from: string): Promise<number> => Number((await query(`SELECT count(*) AS n FROM ${from}`))[0]?.n)
