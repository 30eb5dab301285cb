import type { Event } from '@baton/contracts'
import { delivered, type Outcome } from '../outcome.ts'
import type { OpenContext, Target } from '../target.ts'
import type { Database, Session } from './database.ts'
import { loadGroups } from './load-groups.ts'
import { keptTables, type SqlSettings } from './sql-settings.ts'
import { EventRefused } from './statements/event-refused.ts'
import { obstacleToStatements } from './statements/obstacle-to-statements.ts'
import type { Statement } from './statements/read-statements.ts'
import { sweep } from './sweep.ts'
import { untilAborted } from './until-aborted.ts'
import { writeRows } from './write-rows.ts'

/** ms between two looks for rows that have outlived their retention. */
const sweepInterval = 600_000

/** Keeps every event, and what the events tell of groups, topics and members, in the tables of a database; and runs the operator's own statements. */
export function sqlTarget (database: Database, settings: SqlSettings, statements: readonly Statement[], { name, log }: Pick<OpenContext, 'name' | 'log'>): Target {
  const closing = new AbortController()
  const kept = keptTables(settings)
  const writing = { kept, statements }

  /** What stands in the way of writing, tables and statements. */
  const obstacle = async (signal: AbortSignal) => await database.migrate(signal) ?? await obstacleToStatements(database, statements, signal)

  let migrated: Promise<Outcome | undefined> | undefined
  // Not under a delivery's signal: others wait for the same migration.
  const prepare = () => {
    const attempt = obstacle(closing.signal)
    migrated = attempt
    const forget = () => { if (migrated === attempt) migrated = undefined }
    attempt.then(obstacle => {
      if (obstacle !== undefined) return forget()
      if (sweeping === undefined && !closing.signal.aborted) keepSweeping()
    }, forget)
    return attempt
  }

  const outcomeOf = (error: unknown, signal: AbortSignal): Outcome =>
    signal.aborted ? { kind: 'retry', code: 'timeout', reason: `${database.product} did not answer in time` } : database.troubleOf(error).outcome

  /** Apart from that of deliveries: whoever only imports sweeps nothing. */
  let migratedForLoad: Promise<Outcome | undefined> | undefined

  const { retention } = settings
  let sweeping: NodeJS.Timeout | undefined
  const keepSweeping = () => {
    if (retention === undefined) return
    const once = () => {
      database.lend(closing.signal, async session => await sweep(session, retention, { now: Date.now(), signal: closing.signal })).then(
        rows => { if (rows > 0) log.info({ target: name, rows }, 'deleted rows that have outlived their retention') },
        (error: unknown) => { if (!closing.signal.aborted) log.warn({ target: name, err: error }, 'rows that have outlived their retention could not be deleted; the next try comes by itself. The user needs DELETE on the tables') }
      )
    }
    sweeping = setInterval(once, sweepInterval).unref()
    once()
  }

  return {
    async deliver (events, { signal }) {
      const outcomes = new Map<Event, Outcome>()
      for (const event of events) {
        const refusal = database.refusalOf(event)
        if (refusal !== undefined) outcomes.set(event, refusal)
      }
      const fit = events.filter(event => !outcomes.has(event))
      const rest = (outcome: Outcome) => events.map(event => outcomes.get(event) ?? outcome)
      try {
        const obstacle = await untilAborted(migrated ?? prepare(), signal)
        if (obstacle !== undefined) return rest(obstacle)
        await database.lend(signal, session => writeEach(events => takes(database, session, events, writing, () => { migrated = undefined }), fit, outcomes))
        return rest(delivered)
      } catch (error) {
        const outcome = outcomeOf(error, signal)
        if (outcome.kind === 'retry' && outcome.slow === true) migrated = undefined // the tables may be gone
        return rest(outcome)
      }
    },

    async test ({ signal }) {
      try {
        return await untilAborted(obstacle(signal), signal) ?? delivered
      } catch (error) {
        return outcomeOf(error, signal)
      }
    },

    ...kept.some(name => name !== 'chat_message') && {
      load: async (groups, { signal }) => {
        try {
          const obstacle = await untilAborted(migratedForLoad ??= database.migrate(closing.signal), signal)
          if (obstacle === undefined) return await loadGroups(database, groups, kept, signal)
          migratedForLoad = undefined
          return groups.map(() => obstacle)
        } catch (error) {
          migratedForLoad = undefined
          return groups.map(() => outcomeOf(error, signal))
        }
      }
    },

    async close () {
      clearInterval(sweeping)
      closing.abort()
      await database.close()
    }
  }
}

/** All events in one transaction; where their data may be the trouble, each in its own. Notes the outcomes of those that differ. */
async function writeEach (write: (events: readonly Event[]) => Promise<true | Outcome>, events: readonly Event[], outcomes: Map<Event, Outcome>): Promise<void> {
  const taken = events.length === 0 || await write(events)
  if (taken === true) return
  for (const event of events) {
    const takenAlone = events.length === 1 ? taken : await write([event])
    outcomes.set(event, takenAlone === true ? delivered : takenAlone)
  }
}

/** True, or the outcome for an event that was alone; throws where the trouble is the target's. */
async function takes (database: Database, session: Session, events: readonly Event[], writing: Parameters<typeof writeRows>[2], lookAgain: () => void): Promise<true | Outcome> {
  try {
    await writeRows(session, events, writing)
    return true
  } catch (error) {
    if (error instanceof EventRefused) return error.outcome
    const trouble = database.troubleOf(error)
    if (trouble.with === 'target') throw error
    if (trouble.mayBeTargets === true) lookAgain()
    return trouble.outcome
  }
}
