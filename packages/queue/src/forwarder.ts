import type { Event } from '@baton/contracts'
import { IntakeWriter } from './intake-writer.ts'
import { jobVersion, storeEvent } from './job-data.ts'
import { intakeJobId, pointerKey } from './names.ts'
import { pointerText, readPointer } from './pointer.ts'
import type { Queues } from './queues.ts'

/** A journal, as it is read for Redis. */
export interface ForwardSource {
  readonly id: string
  /** The highest sequence number that is on disk. */
  flushed: () => number
  /** Every event up to this one is settled for all targets. */
  settledTo: () => number
  /** Whether Redis ever had any of it, as far as the journal knows. */
  wasForwarded: () => boolean
  read: (after: number, limit: { count: number, bytes: number }) => { seq: number, event: Event }[]
}

/** What one step did. */
export type ForwardStep =
  | { kind: 'forwarded', events: number, to: number }
  /** Everything is forwarded, and Redis agrees. */
  | { kind: 'idle' }
  /** Redis holds another position than we thought; the next step continues from there. */
  | { kind: 'resynced', position: number, lost: boolean }
  /** Redis knows of events that the journal has not: its volume was rolled back, or copied and used by somebody else. */
  | { kind: 'ahead', position: number }

/** Most events and bytes in one job: beyond, nothing is gained, and Redis would stand still for others. */
export const batch = { count: 100, bytes: 65_536 }

/**
 * Moves events from a journal into intake. How far it came is kept in Redis alone, and advances in the transaction that adds the
 * job: a Redis that loses data loses the advance with it, and the forwarder simply continues from what Redis holds.
 */
export class Forwarder {
  readonly #queues: Queues
  readonly #writer: IntakeWriter
  readonly #source: ForwardSource
  #position: number | undefined
  /** What Redis holds where nothing happened meanwhile; '' for nothing. */
  #expected = ''
  /** Events up to here were in a Redis that lost its data, and may have been delivered. */
  #again = 0

  constructor (queues: Queues, source: ForwardSource, writer: IntakeWriter = new IntakeWriter(queues)) {
    this.#queues = queues
    this.#writer = writer
    this.#source = source
  }

  /** Up to where Redis has the events, and says so; undefined while that is not known. */
  get position (): number | undefined {
    return this.#expected === '' ? undefined : this.#position
  }

  /** Forwards one batch, or finds out where Redis is. Throws what Redis answers; the next step then asks again. */
  async step (): Promise<ForwardStep> {
    try {
      await this.#writer.settle()
      if (this.#position === undefined) return await this.#sync()
      if (this.#expected === '') await this.#anchor(this.#position)
      const entries = this.#source.flushed() > this.#position ? this.#source.read(this.#position, batch) : []
      const last = entries.at(-1)
      if (last === undefined) return await this.#compare()
      const to = pointerText(last.seq, last.event.id)
      if (!await this.#push(entries, this.#position, { seq: last.seq, to })) {
        this.#position = undefined
        return await this.#sync()
      }
      this.#position = last.seq
      this.#expected = to
      return { kind: 'forwarded', events: entries.length, to: last.seq }
    } catch (error) {
      this.#position = undefined // whether the transaction was carried out is not known
      throw error
    }
  }

  /** Nothing to forward: has Redis lost anything meanwhile? */
  async #compare (): Promise<ForwardStep> {
    return await this.#held() === this.#expected ? { kind: 'idle' } : await this.#sync()
  }

  async #sync (): Promise<ForwardStep> {
    const held = await this.#held()
    const { seq, eventId } = readPointer(held)
    if (seq > this.#source.flushed() || (eventId !== '' && (this.#idAt(seq) ?? eventId) !== eventId)) return { kind: 'ahead', position: seq }
    // A journal that was never forwarded has no pointer either; then nothing is lost.
    const lost = held === '' && (this.#expected !== '' || this.#source.wasForwarded())
    if (lost) this.#again = this.#source.flushed()
    this.#expected = held
    this.#position = held === '' ? this.#source.settledTo() : seq
    return { kind: 'resynced', position: this.#position, lost }
  }

  /** From now on a pointer that is missing tells of a loss. Whoever was told of one has brought back what Redis needs to know, before this. */
  async #anchor (position: number): Promise<void> {
    const pointer = pointerText(position, this.#idAt(position))
    await this.#queues.redis.setnx(pointerKey(this.#source.id), pointer)
    this.#expected = pointer
  }

  /** The id of an event, where the journal still has it. */
  #idAt (seq: number): string | undefined {
    const [entry] = seq > 0 ? this.#source.read(seq - 1, { count: 1, bytes: 1 }) : []
    return entry?.seq === seq ? entry.event.id : undefined
  }

  async #held (): Promise<string> {
    return await this.#queues.redis.get(pointerKey(this.#source.id)) ?? ''
  }

  /** True when the job is in intake and the pointer stands at `to`; false when Redis held another position than expected. */
  async #push (entries: { seq: number, event: Event }[], position: number, { seq, to }: { seq: number, to: string }): Promise<boolean> {
    const { id } = this.#source
    return await this.#writer.push(intakeJobId(id, position + 1, seq), {
      v: jobVersion,
      events: entries.map(entry => storeEvent({ ...entry.event, journal: id, seq: entry.seq })),
      ...(seq <= this.#again && { again: true })
    }, { key: pointerKey(id), expected: this.#expected, to })
  }
}
