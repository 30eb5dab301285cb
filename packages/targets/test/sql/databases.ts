import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { Client } from 'pg'
import type { Test } from 'tap'

type Row = Record<string, string | number | null>

export interface Database {
  url: string
  query: (sql: string) => Promise<Row[]>
}

/** A kind of PostgreSQL to test with. */
export interface Kind {
  name: string
  embeddedPostgresPort: number
  /** Runs of the property: the embedded one is slower. */
  runs: number
  /** A database without tables. */
  fresh: (t: Test) => Promise<Database>
}

export function realPostgres (serverUrl: string): Kind {
  let databases = 0
  return {
    name: 'PostgreSQL',
    embeddedPostgresPort: 0,
    runs: 30,
    async fresh (t) {
      const name = `chat_${++databases}`
      await (await connected(t, serverUrl)).query(`CREATE DATABASE ${name}`)
      const url = withDatabase(serverUrl, name)
      let client: Client | undefined
      return {
        url,
        async query (sql) {
          if (client === undefined) {
            client = await connected(t, url)
            client.on('error', () => { client = undefined })
          }
          return (await client.query<Row>(sql)).rows
        }
      }
    }
  }
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
  return {
    name: 'embedded PostgreSQL',
    embeddedPostgresPort: Number(server.getServerConn().split(':')[1]),
    runs: 12,
    async fresh () {
      await pglite.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
      return { url: 'embedded', query: async sql => (await pglite.query<Row>(sql)).rows }
    }
  }
}

export const withDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: name }).href
