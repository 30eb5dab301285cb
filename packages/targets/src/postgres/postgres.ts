import type { Event } from '@baton/contracts'
import { Type } from '@sinclair/typebox'
import { Pool, type ClientBase, type PoolConfig } from 'pg'
import { delivered, type Outcome } from '../outcome.ts'
import { defineTarget, type OpenContext } from '../target.ts'
import { answerTimeout } from './in-transaction.ts'
import { lendConnection } from './lend-connection.ts'
import { migrate } from './migrate.ts'
import { deepestNesting, nestingOf } from './nesting.ts'
import { troubleOfError } from './trouble-of-error.ts'
import { untilAborted } from './until-aborted.ts'
import { writeRows } from './write-rows.ts'

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
    })
  }, { additionalProperties: false }),
  problemOf: ({ url }) => url === 'embedded' || URL.canParse(url) ? undefined : ['url', 'is no URL; encode special characters of user and password as in %40'],
  needsEmbeddedPostgres: ({ url }) => url === 'embedded',
  open: ({ url }, context) => {
    const pool = new Pool(poolOptions(url, context))
    // A connection that breaks while nobody uses it: the pool has already parted with it.
    pool.on('error', () => context.log.debug({ target: context.name }, 'an idle connection broke'))
    const closing = new AbortController()

    let migrated: Promise<Outcome | undefined> | undefined
    // Not under a delivery's signal: others wait for the same migration.
    const prepare = () => {
      const attempt = lendConnection(pool, closing.signal, migrate)
      migrated = attempt
      const forget = () => { if (migrated === attempt) migrated = undefined }
      attempt.then(obstacle => { if (obstacle !== undefined) forget() }, forget)
      return attempt
    }

    return {
      async deliver (events, { signal }) {
        const outcomes = new Map(events.filter(({ body }) => nestingOf(body) > deepestNesting).map(event => [event, nestedTooDeeply]))
        const fit = events.filter(event => !outcomes.has(event))
        const rest = (outcome: Outcome) => events.map(event => outcomes.get(event) ?? outcome)
        try {
          const obstacle = await untilAborted(migrated ?? prepare(), signal)
          if (obstacle !== undefined) return rest(obstacle)
          await lendConnection(pool, signal, client => writeEach(client, fit, outcomes))
          return rest(delivered)
        } catch (error) {
          if (signal.aborted) return rest({ kind: 'retry', code: 'timeout', reason: 'PostgreSQL did not answer in time' })
          const { outcome } = troubleOfError(error)
          if (outcome.kind === 'retry' && outcome.slow === true) migrated = undefined // the tables may be gone
          return rest(outcome)
        }
      },

      async close () {
        closing.abort()
        await pool.end()
      }
    }
  }
})

const nestedTooDeeply: Outcome = { kind: 'reject', code: 'pg_54001', reason: `the body is nested deeper than ${deepestNesting} levels` }

function poolOptions (url: string, { embeddedPostgresPort, concurrency }: OpenContext): PoolConfig {
  const options = { connectionTimeoutMillis: connectTimeout, query_timeout: answerTimeout, keepAlive: true, fallback_application_name: 'baton' }
  if (url !== 'embedded') return { ...options, connectionString: url, max: Math.min(concurrency, 10) }
  // The embedded one runs one transaction at a time anyway.
  return { ...options, host: '127.0.0.1', port: embeddedPostgresPort, user: 'postgres', database: 'postgres', ssl: false, max: 1 }
}

/** All events in one transaction; where their data may be the trouble, each in its own. Notes the outcomes of those that differ. */
async function writeEach (client: ClientBase, events: readonly Event[], outcomes: Map<Event, Outcome>): Promise<void> {
  const taken = events.length === 0 || await takes(client, events)
  if (taken === true) return
  for (const event of events) {
    const takenAlone = events.length === 1 ? taken : await takes(client, [event])
    outcomes.set(event, takenAlone === true ? delivered : takenAlone)
  }
}

/** True, or the outcome for an event that was alone; throws where the trouble is the target's. */
async function takes (client: ClientBase, events: readonly Event[]): Promise<true | Outcome> {
  try {
    await writeRows(client, events)
    return true
  } catch (error) {
    const trouble = troubleOfError(error)
    if (trouble.with === 'target') throw error
    return trouble.outcome
  }
}
