import type { Event } from '@baton/contracts'
import { bareUrl } from '@baton/runtime'
import { Type } from '@sinclair/typebox'
import { createPool } from 'mysql2/promise'
import type { Outcome } from '../outcome.ts'
import type { Database } from '../sql/database.ts'
import { findingsOfSql } from '../sql/findings-of-sql.ts'
import { deepestNesting, nestingOf } from '../sql/nesting.ts'
import { SqlSettings, leavesOutMessages, problemOfSqlSettings } from '../sql/sql-settings.ts'
import { sqlTarget } from '../sql/sql-target.ts'
import { readStatements } from '../sql/statements/read-statements.ts'
import { defineTarget, type OpenContext } from '../target.ts'
import { connectionOfUrl, problemOfUrl } from './connection-of-url.ts'
import { migrate } from './migrate.ts'
import { lendConnection } from './mysql-connection.ts'
import { mysqlSession, mysqlUpserts } from './mysql-session.ts'
import { mysqlOutcomes } from './outcomes.ts'
import { troubleOfError, wordsOfServer } from './trouble-of-error.ts'

/** ms to wait for a new connection. */
const connectTimeout = 10_000

/** Keeps every event, and what the events tell of groups, topics and members, in tables of a MySQL or MariaDB database. */
export const mysql = defineTarget({
  type: 'mysql',
  together: 500,
  settings: Type.Object({
    url: Type.String({
      pattern: '^(mysql|mariadb)://\\S+$',
      secret: true,
      description: 'The database of MySQL or MariaDB: a mysql:// URL; ?ssl-mode=VERIFY_IDENTITY for TLS.',
      examples: ['mysql://baton:secret@db.example.com:3306/chat']
    }),
    ...SqlSettings.properties
  }, { additionalProperties: false }),
  outcomes: mysqlOutcomes,
  problemOf: ({ url, ...settings }) => {
    const problem = problemOfUrl(url)
    return problem === undefined ? problemOfSqlSettings(settings) : ['url', problem]
  },
  findingsOf: settings => findingsOfSql(settings, 'mysql'),
  leavesOut: leavesOutMessages,
  describe: ({ url }) => ({ to: bareUrl(url) }),
  open: ({ url, ...settings }, context) => sqlTarget(openDatabase(url, settings, context), settings, readStatements(settings.statements ?? [], 'mysql').statements, context)
})

function openDatabase (url: string, { prefix, migrate: mode }: SqlSettings, { name, log, concurrency }: OpenContext): Database {
  const upserts = mysqlUpserts(prefix)
  const pool = createPool({
    ...connectionOfUrl(url),
    charset: 'utf8mb4',
    connectTimeout,
    connectionLimit: Math.min(concurrency, 10),
    enableKeepAlive: true,
    multipleStatements: false
  })
  return {
    product: 'MySQL',
    lend: async (signal, work) => await lendConnection(pool, signal, async connection => await work(mysqlSession(connection, prefix, upserts))),
    migrate: async signal => await lendConnection(pool, signal, async connection => await migrate(connection, { prefix, mode, target: name, log })),
    refusalOf,
    troubleOf: troubleOfError,
    wordsOf: wordsOfServer,
    close: async () => { await pool.end() }
  }
}

/** The column takes any text, so what is no JSON is looked for here. */
function refusalOf ({ body }: Event): Outcome | undefined {
  if (nestingOf(body) > deepestNesting) return { kind: 'reject', code: 'mysql_too_deep', reason: `the body is nested deeper than ${deepestNesting} levels` }
  try {
    JSON.parse(body.toString().replace(/^\uFEFF/, ''))
    return undefined
  } catch {
    return { kind: 'reject', code: 'mysql_not_json', reason: 'the body is not JSON' }
  }
}
