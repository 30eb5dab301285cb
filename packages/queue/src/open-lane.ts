import type { JournalledEvent } from '@baton/contracts'
import { chunkOf, chunkSize } from './event-bits.ts'
import { journalOf, laneOf } from './lanes.ts'
import { blockedLanesKey, laneKey, lanedBytesKey, lanedKey, laneStateKey, lanesKey, settledKey } from './names.ts'
import type { Queues } from './queues.ts'
import { ringLane } from './ring-lanes.ts'

export interface OpenLaneOptions {
  /** The event is left out. */
  without?: boolean
  /** Removes its dead letter, before the lane is worked on. */
  remove: () => Promise<void>
}

/** Opens the lane that waits because of this event; false where it does not. */
export async function openLane (queues: Queues, target: string, event: JournalledEvent, { without = false, remove }: OpenLaneOptions): Promise<boolean> {
  const client = await queues.client()
  const lane = laneOf(event)
  const { seq } = event
  const opened: unknown = await client.runCommand('batonLaneOpen', [
    laneStateKey(target, lane), blockedLanesKey(target), laneKey(target, lane), lanedKey(target), lanesKey(target), lanedBytesKey(target), settledKey(event.journal, target, chunkOf(seq)),
    lane, journalOf(lane), seq, seq % chunkSize, without ? 1 : 0
  ])
  if (opened !== 1) return false
  await remove()
  await ringLane(queues, target, lane)
  return true
}
