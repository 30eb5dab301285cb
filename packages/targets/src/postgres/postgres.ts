import { bareUrl } from '@baton/runtime'
import { Type } from '@sinclair/typebox'
import { Pool, type PoolConfig } from 'pg'
import type { Outcome } from '../outcome.ts'
import type { Database } from '../sql/database.ts'
import { findingsOfSql } from '../sql/findings-of-sql.ts'
import { deepestNesting, nestingOf } from '../sql/nesting.ts'
import { SqlSettings, leavesOutMessages, problemOfSqlSettings } from '../sql/sql-settings.ts'
import { sqlTarget } from '../sql/sql-target.ts'
import { readStatements } from '../sql/statements/read-statements.ts'
import { defineTarget, type OpenContext } from '../target.ts'
import { answerTimeout } from './in-transaction.ts'
import { lendConnection } from './lend-connection.ts'
import { migrate } from './migrate.ts'
import { postgresOutcomes } from './outcomes.ts'
import { postgresSession, postgresStatements } from './postgres-session.ts'
import { troubleOfError, wordsOfServer } from './trouble-of-error.ts'

/** ms to wait for a connection, new or lent. */
const connectTimeout = 10_000

/** Keeps every event, and what the events tell of groups, topics and members, in tables of a PostgreSQL database. */
export const postgres = defineTarget({
  type: 'postgres',
  together: 500,
  settings: Type.Object({
    url: Type.String({
      pattern: '^(embedded|postgres(ql)?://\\S+)$',
      secret: true,
      description: 'The database: a postgres:// URL, or embedded for the one that Baton runs itself.',
      examples: ['postgres://baton:secret@db.example.com:5432/chat', 'embedded']
    }),
    ...SqlSettings.properties
  }, { additionalProperties: false }),
  outcomes: postgresOutcomes,
  problemOf: ({ url, ...settings }) => url === 'embedded' || URL.canParse(url) ? problemOfSqlSettings(settings) : ['url', 'is no URL; encode special characters of user and password as in %40'],
  findingsOf: settings => findingsOfSql(settings, 'postgres'),
  leavesOut: leavesOutMessages,
  needsEmbeddedPostgres: ({ url }) => url === 'embedded',
  describe: ({ url }) => ({ to: url === 'embedded' ? url : bareUrl(url) }),
  open: ({ url, ...settings }, context) => sqlTarget(openDatabase(url, settings, context), settings, readStatements(settings.statements ?? [], 'postgres').statements, context)
})

function openDatabase (url: string, { prefix, migrate: mode, statements: own = [] }: SqlSettings, context: OpenContext): Database {
  const statements = postgresStatements(prefix)
  const pool = new Pool({ ...poolOptions(url, context), pipeline: own.length > 0 }) // so that statements need not wait for each other's answers
  // A connection that breaks while nobody uses it: the pool has already parted with it.
  pool.on('error', () => context.log.debug({ target: context.name }, 'an idle connection broke'))
  return {
    product: 'PostgreSQL',
    lend: async (signal, work) => await lendConnection(pool, signal, async client => await work(postgresSession(client, statements))),
    migrate: async signal => await lendConnection(pool, signal, async client => await migrate(client, { prefix, mode, target: context.name, log: context.log })),
    refusalOf: ({ body }) => nestingOf(body) > deepestNesting ? nestedTooDeeply : undefined,
    troubleOf: troubleOfError,
    wordsOf: wordsOfServer,
    close: async () => { await pool.end() }
  }
}

const nestedTooDeeply: Outcome = { kind: 'reject', code: 'pg_54001', reason: `the body is nested deeper than ${deepestNesting} levels` }

function poolOptions (url: string, { embeddedPostgresPort, concurrency }: OpenContext): PoolConfig {
  const options = { connectionTimeoutMillis: connectTimeout, query_timeout: answerTimeout, keepAlive: true, fallback_application_name: 'baton' }
  if (url !== 'embedded') return { ...options, connectionString: url, max: Math.min(concurrency, 10) }
  // The embedded one runs one transaction at a time anyway.
  return { ...options, host: '127.0.0.1', port: embeddedPostgresPort, user: 'postgres', database: 'postgres', ssl: false, max: 1 }
}
