import { GrowingFile } from './growing-file.ts'

/** A moment at which something was broken, in ms since 1970. */
export interface Fault {
  at: number
  /** When it was mended; at once, if left out. */
  until?: number
  /** Redis came back with what it knew at this time. */
  restoredTo?: number
}

/** ms that may pass between an event's settlement and its note in the journal. */
const unnoted = 2_000

/** Compares what was acknowledged with what arrived, as sets of event ids. */
export class Ledger {
  readonly #senders: GrowingFile[] = []
  readonly #recorder: GrowingFile
  readonly #sentAt = new Map<string, number>()
  readonly #acked = new Set<string>()
  readonly #missing = new Set<string>()
  readonly #arrivals = new Map<string, number>()
  /** Bodies of each event id, by digest, in the order of arrival. */
  readonly bodies = new Map<string, string[]>()
  /** Of the same callback twice, both. */
  acknowledgements = 0
  refused = 0
  unanswered = 0
  /** In ms. */
  longestAck = 0
  /** Arrivals of events that had arrived before. */
  repeats = 0
  lastArrival = 0

  constructor (recorderLog: string) {
    this.#recorder = new GrowingFile(recorderLog)
  }

  watch (senderLog: string): void {
    this.#senders.push(new GrowingFile(senderLog))
  }

  /** Takes in what was written since the last call. */
  update (): this {
    // What the sender has noted may already have arrived, never the other way round: so it is read first, and nothing is missing for a moment only.
    for (const line of this.#senders.flatMap(log => log.lines())) this.#answered(line.split(' '))
    for (const line of this.#recorder.lines()) this.#arrived(line.split(' '))
    return this
  }

  get acked (): number {
    return this.#acked.size
  }

  get delivered (): number {
    return this.acked - this.#missing.size
  }

  /** Acknowledged, and not arrived so far. */
  get missing (): string[] {
    return [...this.#missing]
  }

  /** Acknowledged callbacks among those that were sent between two moments. */
  ackedBetween (from: number, to: number): number {
    return [...this.#acked].filter(id => isBetween(this.#sentAt.get(id) ?? 0, from, to)).length
  }

  /** Most repeats that faults may cause: all that was not settled, and what was settled so shortly before that the journal had not noted it. */
  boundOf (faults: readonly Fault[]): number {
    return faults.reduce((sum, { at, until = at, restoredTo = at }) => {
      const settled = restoredTo - unnoted
      return sum + [...this.#arrivals].filter(([id, arrivedAt]) => arrivedAt > settled && (this.#sentAt.get(id) ?? 0) <= until).length
    }, 0)
  }

  /** Takes note of an acknowledgement that no sender has noted. @param took ms */
  acknowledged (id: string, took: number): void {
    this.longestAck = Math.max(this.longestAck, took)
    this.acknowledgements += 1
    this.#acked.add(id)
    if (!this.#arrivals.has(id)) this.#missing.add(id)
  }

  #answered ([kind, id = '', sentAt, took]: string[]): void {
    if (!this.#sentAt.has(id)) this.#sentAt.set(id, Number(sentAt))
    if (kind === 'refused') this.refused += 1
    if (kind === 'unanswered') this.unanswered += 1
    if (kind === 'acked') this.acknowledged(id, Number(took))
  }

  #arrived ([id = '', at, digest = '']: string[]): void {
    this.lastArrival = Number(at)
    this.bodies.set(id, [...this.bodies.get(id) ?? [], digest])
    this.#missing.delete(id)
    if (this.#arrivals.has(id)) this.repeats += 1
    else this.#arrivals.set(id, this.lastArrival)
  }
}

const isBetween = (value: number, from: number, to: number): boolean => value >= from && value <= to
