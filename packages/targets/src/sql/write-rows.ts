import type { Event } from '@baton/contracts'
import type { Session, StoredEvent } from './database.ts'
import { mergeMaps } from './merge-maps.ts'
import { mergeRows } from './merge-rows.ts'
import { groupIdOf, rowsOfEvent } from './rows-of-event.ts'
import { storableJson, storableText } from './storable.ts'
import { tableNames, type Row, type TableName } from './tables.ts'

/**
 * Writes the events and all that they tell, in one transaction. Repeats change nothing: only an event that was not stored yet
 * tells anything, since a repeat without EventTime has another time of receipt, and would count as later. So replaying stored
 * events does not bring back rows that somebody deleted.
 */
export async function writeRows (session: Session, events: readonly Event[], kept: readonly TableName[]): Promise<void> {
  const read = onceEach(events).map(readEvent)
  await session.inTransaction(async () => {
    // Sorted by id for the same reason as in mergeRows.
    const news = await session.insertEvents(read.map(({ stored }) => stored).sort(({ event: a }, { event: b }) => a.id < b.id ? -1 : 1))
    const rows = read.flatMap(({ stored: { event }, rows }) => news.has(event.id) ? rows : [])
    for (const table of tableNames) {
      if (!kept.includes(table)) continue
      const merged = mergeRows(rows.filter(row => row.table === table))
      if (merged.length === 0) continue
      await session.upsert(table, merged)
      await mergeMaps(session, table, merged)
    }
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

function readEvent (event: Event): { stored: StoredEvent, rows: Row[] } {
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
    rows: rowsOfEvent(event, text, body)
  }
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
