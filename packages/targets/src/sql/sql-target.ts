import type { Event } from '@baton/contracts'
import { delivered, type Outcome } from '../outcome.ts'
import type { Target } from '../target.ts'
import type { Database, Session } from './database.ts'
import { untilAborted } from './until-aborted.ts'
import { writeRows } from './write-rows.ts'

/** Keeps every event, and what the events tell of groups, topics and members, in the tables of a database. */
export function sqlTarget (database: Database): Target {
  const closing = new AbortController()

  let migrated: Promise<Outcome | undefined> | undefined
  // Not under a delivery's signal: others wait for the same migration.
  const prepare = () => {
    const attempt = database.migrate(closing.signal)
    migrated = attempt
    const forget = () => { if (migrated === attempt) migrated = undefined }
    attempt.then(obstacle => { if (obstacle !== undefined) forget() }, forget)
    return attempt
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
        await database.lend(signal, session => writeEach(database, session, fit, outcomes))
        return rest(delivered)
      } catch (error) {
        if (signal.aborted) return rest({ kind: 'retry', code: 'timeout', reason: `${database.product} did not answer in time` })
        const { outcome } = database.troubleOf(error)
        if (outcome.kind === 'retry' && outcome.slow === true) migrated = undefined // the tables may be gone
        return rest(outcome)
      }
    },

    async close () {
      closing.abort()
      await database.close()
    }
  }
}

/** All events in one transaction; where their data may be the trouble, each in its own. Notes the outcomes of those that differ. */
async function writeEach (database: Database, session: Session, events: readonly Event[], outcomes: Map<Event, Outcome>): Promise<void> {
  const taken = events.length === 0 || await takes(database, session, events)
  if (taken === true) return
  for (const event of events) {
    const takenAlone = events.length === 1 ? taken : await takes(database, session, [event])
    outcomes.set(event, takenAlone === true ? delivered : takenAlone)
  }
}

/** True, or the outcome for an event that was alone; throws where the trouble is the target's. */
async function takes (database: Database, session: Session, events: readonly Event[]): Promise<true | Outcome> {
  try {
    await writeRows(session, events)
    return true
  } catch (error) {
    const trouble = database.troubleOf(error)
    if (trouble.with === 'target') throw error
    return trouble.outcome
  }
}
