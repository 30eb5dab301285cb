import type { Event } from '@baton/contracts'
import type { Session, StoredEvent } from './database.ts'
import { groupIdOf } from './reading.ts'
import { rowsOfEvent } from './rows-of-event.ts'
import { storableJson, storableText } from './storable.ts'
import { EventRefused } from './statements/event-refused.ts'
import type { Statement } from './statements/read-statements.ts'
import { mostElements, runsOfEvent, type Run } from './statements/runs-of-event.ts'
import { Subject } from './statements/source.ts'
import type { Row, TableName } from './tables.ts'
import { writeTables } from './write-tables.ts'

/**
 * Writes the events and all that they tell, in one transaction. Repeats change nothing: only an event that was not stored yet
 * tells anything, since a repeat without EventTime has another time of receipt, and would count as later. So replaying stored
 * events does not bring back rows that somebody deleted. Statements come last, in the order of the events. Throws EventRefused.
 */
export async function writeRows (session: Session, events: readonly Event[], { kept, statements }: { kept: readonly TableName[], statements: readonly Statement[] }): Promise<void> {
  const read = onceEach(events).map(event => readEvent(event, statements))
  await session.inTransaction(async () => {
    // Sorted by id for the same reason as in mergeRows.
    const news = await session.insertEvents(read.map(({ stored }) => stored).sort(({ event: a }, { event: b }) => a.id < b.id ? -1 : 1))
    const rows = read.flatMap(({ stored: { event }, rows }) => news.has(event.id) ? rows : [])
    await writeTables(session, rows, kept)
    const runs = read.flatMap(({ stored: { event }, runs }) => news.has(event.id) ? runs : [])
    if (runs.length > 0) await session.run(runs)
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

function readEvent (event: Event, statements: readonly Statement[]): { stored: StoredEvent, rows: Row[], runs: Run[] } {
  const text = event.body.toString().replace(/^\uFEFF/, '')
  const body = objectIn(text)
  return {
    stored: {
      event,
      command: storableText(event.command),
      groupId: groupIdOf(body),
      text,
      decision: event.decision === undefined ? undefined : JSON.stringify(storableJson(event.decision))
    },
    rows: rowsOfEvent(event, text, body),
    runs: statements.length === 0 ? [] : boundedRuns(statements, new Subject(event, text, body))
  }
}

function boundedRuns (statements: readonly Statement[], subject: Subject): Run[] {
  const { runs, tooLong } = runsOfEvent(statements, subject)
  if (tooLong === undefined) return runs
  throw new EventRefused({ kind: 'reject', code: 'statement_too_long_list', reason: `${tooLong.entry}: the list of forEach has more than ${mostElements} elements` })
}

/** A body that does not parse tells nothing here; the database refuses its event. */
function objectIn (text: string): object {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    return {}
  }
}
