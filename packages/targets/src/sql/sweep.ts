import type { Session } from './database.ts'
import type { SqlSettings } from './sql-settings.ts'

/** By table, the time that a row's retention counts from; while it is NULL the row stays. */
export const retentionClocks = { chat_event: 'received_at', chat_group: 'destroyed_at', chat_topic: 'destroyed_at', chat_group_member: 'left_at', chat_message: 'retained_from' } as const
export type SweptTable = keyof typeof retentionClocks

/** Rows that one statement deletes: it holds their locks only for moments. */
const sweepSize = 1_000

/** Deletes what has outlived its retention, bit by bit; answers how many rows that were. */
export async function sweep (session: Session, retention: NonNullable<SqlSettings['retention']>, { now, signal }: { now: number, signal: AbortSignal }): Promise<number> {
  let swept = 0
  for (const [table, time] of Object.entries(retention)) {
    if (!isSwept(table)) continue
    for (let deleted = sweepSize; deleted === sweepSize && !signal.aborted; swept += deleted) deleted = await session.deleteBefore(table, now - time, sweepSize)
  }
  return swept
}

const isSwept = (name: string): name is SweptTable => Object.hasOwn(retentionClocks, name)
