import { createHash } from 'node:crypto'
import type { JournalledEvent } from '@baton/contracts'
import { byBitmap } from './event-bits.ts'
import { storeEvent } from './job-data.ts'
import { markSettled } from './marks.ts'
import { deliveryJobId, laneKey, lanedBytesKey, lanedKey, lanesKey, placedKey, settledKey, targetQueue, untoldKey } from './names.ts'
import type { Queues } from './queues.ts'

/** Where the events of one key of one journal wait for a target: `<journal>:<digest of the key>`. */
export const laneOf = (event: JournalledEvent): string => `${event.journal}:${digestOf(event)}`

const digestOf = ({ appId, orderingKey }: JournalledEvent): string =>
  createHash('sha256').update(`${appId} ${orderingKey}`).digest('base64url').slice(0, 22)

/** The journal of a lane. */
export const journalOf = (lane: string): string => lane.slice(0, lane.lastIndexOf(':'))

/**
 * Puts events with a key into the lanes of an ordered target and notes them as placed. In whatever order they come: a lane is sorted, and nobody
 * takes an event beyond the horizon: before all earlier ones of its journal are there. To be followed by `ringLanes`, once they are all routed.
 */
export async function layEvents (queues: Queues, target: string, events: readonly JournalledEvent[]): Promise<void> {
  const client = await queues.client()
  const queue = queues.get(targetQueue(target))
  for (const { journal, chunk, group } of byBitmap(events)) {
    const dead: unknown = await client.runCommand('batonLanePush', [
      lanedKey(target), lanesKey(target), lanedBytesKey(target), laneKey(target, ''), untoldKey(journal, target),
      placedKey(journal, target, chunk), settledKey(journal, target, chunk), queue.toKey('failed'), queue.toKey(''),
      journal, ...group.flatMap(({ place, position: event }) => [event.seq, place, laneOf(event), digestOf(event), deliveryJobId([event.id]), JSON.stringify(storeEvent(event))])
    ])
    if (!Array.isArray(dead)) throw new Error('Redis did not say what became of events of an ordered target')
    // A repeat of an event whose dead letter is still there has met its fate already.
    await markSettled(queues.redis, target, group.flatMap(({ position }) => dead.includes(String(position.seq)) ? [position] : []), { dead: true })
  }
}
