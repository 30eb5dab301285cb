import { randomUUID } from 'node:crypto'
import type { JournalledEvent } from '@baton/contracts'
import { readEvent } from './job-data.ts'
import { journalOf } from './lanes.ts'
import { blockedLanesKey, deadChangesKey, deadChunksKey, deadKey, horizonKey, laneKey, lanedBytesKey, lanedKey, laneStateKey, lanesKey, settledKey } from './names.ts'
import type { QueueClient, Queues } from './queues.ts'

/** How it stands with the first event of a lane. */
export interface LaneHead {
  /** Attempts that failed. */
  attempts: number
  /** When the first attempt was due, in ms since 1970; undefined before it. */
  since: number | undefined
  /** Workers that died with it in hand. */
  deaths: number
  /** Why it is given up, where whoever gave it up did not come to its end. */
  rejected: string | undefined
}

/** A lane in the hands of one worker. Another one that takes it puts an end to that: whatever the first then wants to note is refused. */
export class LaneHold {
  readonly #client: QueueClient
  readonly #target: string
  readonly #lane: string
  readonly #token: string
  readonly head: LaneHead
  /** The first of those that may be delivered now, in their order. */
  readonly events: JournalledEvent[]

  private constructor (client: QueueClient, { target, lane, token, head, events }: { target: string, lane: string, token: string, head: LaneHead, events: JournalledEvent[] }) {
    this.#client = client
    this.#target = target
    this.#lane = lane
    this.#token = token
    this.head = head
    this.events = events
  }

  /** Undefined where nothing is to be done: the lane is empty, waits for an earlier event of the journal, or for an operator. */
  static async take (queues: Queues, target: string, lane: string, limit: number): Promise<LaneHold | undefined> {
    const client = await queues.client()
    const token = randomUUID()
    const journal = journalOf(lane)
    const reply = textsOf(await client.runCommand('batonLaneTake', [
      laneKey(target, lane), laneStateKey(target, lane), lanedKey(target), horizonKey(journal, target), lanesKey(target),
      token, journal, lane, limit
    ]))
    const [state, deaths, attempts, since, rejected, ...events] = reply
    if (state !== 'taken') return undefined
    const head = { deaths: Number(deaths), attempts: Number(attempts), since: since === '' ? undefined : Number(since), rejected: rejected === '' ? undefined : rejected }
    return new LaneHold(client, { target, lane, token, head, events: eventsOf(events) })
  }

  /**
   * Settles the first events of the lane, and answers the next ones, at most so many; where there are none the lane is let go.
   * Undefined where it is no longer in these hands.
   */
  async settle (events: readonly JournalledEvent[], next: number, { dead = false } = {}): Promise<JournalledEvent[] | undefined> {
    const target = this.#target
    const lane = this.#lane
    const journal = journalOf(lane)
    const [state, ...texts] = textsOf(await this.#client.runCommand('batonLaneSettle', [
      laneKey(target, lane), laneStateKey(target, lane), lanedKey(target), horizonKey(journal, target), lanesKey(target), lanedBytesKey(target),
      settledKey(journal, target, ''), deadKey(journal, target, ''), deadChunksKey(journal), deadChangesKey(journal),
      this.#token, journal, lane, next, target, dead ? 1 : 0, ...events.map(({ seq }) => seq)
    ]))
    return state === 'settled' ? eventsOf(texts) : undefined
  }

  /** Lets the lane go, with what is to be known of its first event. */
  async release (failed?: { event: JournalledEvent, attempts: number, since: number }): Promise<void> {
    await this.#note(true, '', failed === undefined ? [] : ['tried', failed.event.seq, 'attempts', failed.attempts, 'since', failed.since])
  }

  /** Notes that the first event is given up, before anything follows from that. False where the lane is no longer in these hands. */
  async condemn ({ event, attempts, since, reason }: { event: JournalledEvent, attempts: number, since: number, reason: string }): Promise<boolean> {
    return await this.#note(false, '', ['tried', event.seq, 'attempts', attempts, 'since', since, 'rejected', reason])
  }

  /** Leaves the lane to an operator, who decides about its first event. */
  async block ({ id, seq }: JournalledEvent): Promise<void> {
    await this.#note(true, JSON.stringify({ event: id, since: Date.now() }), ['blocked', seq])
  }

  async #note (letGo: boolean, blocked: string, fields: (string | number)[]): Promise<boolean> {
    return await this.#client.runCommand('batonLaneNote', [
      laneStateKey(this.#target, this.#lane), blockedLanesKey(this.#target), this.#token, letGo ? 1 : 0, this.#lane, blocked, ...fields
    ]) === 1
  }
}

function textsOf (reply: unknown): string[] {
  if (!Array.isArray(reply)) throw new Error('Redis did not say how it stands with a lane')
  return reply.map(text => text === null ? '' : String(text))
}

/** Up to the first that cannot be read: what comes after it may not be delivered before it. */
function eventsOf (texts: readonly string[]): JournalledEvent[] {
  const events: JournalledEvent[] = []
  for (const text of texts) {
    const event = text === '' ? undefined : readEvent(text)
    if (event === undefined) throw new Error('an event of a lane cannot be read; its key waits, see the hash `laned` of the target in Redis')
    events.push(event)
  }
  return events
}
