import type { Check } from './drill.ts'
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

interface Sent {
  digest: string
  /** ms since 1970, of the first try. */
  at: number
  /** The best one. */
  answer: string
}

interface Arrived {
  /** ms since 1970, of the first time. */
  at: number
  /** Of the body, each time. */
  digests: string[]
}

/** Compares what was acknowledged with what arrived, as sets of event ids. */
export class Ledger {
  readonly #senders: { log: GrowingFile, sent: number, from: number, to: number }[] = []
  readonly #recorder: GrowingFile
  readonly #sent = new Map<string, Sent>()
  readonly #acked = new Set<string>()
  readonly #missing = new Set<string>()
  readonly #dead = new Set<string>()
  readonly #counted = { acked: 0, delivered: 0 }
  /** By event id. */
  readonly arrivals = new Map<string, Arrived>()
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
    this.#senders.push({ log: new GrowingFile(senderLog), sent: 0, from: Infinity, to: 0 })
  }

  /** Takes in what was written since the last call. */
  update (): this {
    // What the sender has noted may already have arrived, never the other way round: so it is read first, and nothing is missing for a moment only.
    for (const sender of this.#senders) {
      for (const line of sender.log.lines()) {
        const at = this.#answered(line.split(' '))
        sender.sent += 1
        sender.from = Math.min(sender.from, at)
        sender.to = Math.max(sender.to, at)
      }
    }
    for (const line of this.#recorder.lines()) this.#arrived(line.split(' '))
    return this
  }

  get acked (): number {
    return this.#acked.size + this.#counted.acked
  }

  get delivered (): number {
    return this.#acked.size - this.#missing.size - this.#dead.size + this.#counted.delivered
  }

  get lost (): number {
    return this.#missing.size + this.#counted.acked - this.#counted.delivered
  }

  get ackedIds (): ReadonlySet<string> {
    return this.#acked
  }

  /** Acknowledged, and not arrived so far. */
  get missing (): string[] {
    return [...this.#missing]
  }

  /** Whether an event may be at a target: it was acknowledged, or its ingress died before it could say so. */
  mayArrive (id: string): boolean {
    const answer = this.#sent.get(id)?.answer
    return this.#acked.has(id) || answer === 'unanswered'
  }

  /** What was sent under this id; undefined where nobody noted it. */
  digestOf (id: string): string | undefined {
    return this.#sent.get(id)?.digest
  }

  /** In ms since 1970. */
  sentAt (id: string): number {
    return this.#sent.get(id)?.at ?? 0
  }

  /** Arrived events that should not have, and those with other bodies than were sent. */
  get strange (): string[] {
    return [...this.arrivals].filter(([id, { digests }]) => {
      const sent = this.digestOf(id)
      return !this.mayArrive(id) || (sent !== undefined && digests.some(digest => digest !== sent))
    }).map(([id]) => id)
  }

  /** Acknowledged callbacks among those that were sent between two moments. */
  ackedBetween (from: number, to: number): number {
    return [...this.#acked].filter(id => isBetween(this.sentAt(id), from, to)).length
  }

  /** Callbacks that came in a second, while they came. */
  get rate (): number {
    const sent = this.#senders.reduce((sum, sender) => sum + sender.sent, 0)
    const took = this.#senders.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0)
    return Math.round(sent / took * 1_000)
  }

  /** Most repeats that faults may cause: all that was not settled, and what was settled so shortly before that the journal had not noted it. */
  boundOf (faults: readonly Fault[]): number {
    return faults.reduce((sum, { at, until = at, restoredTo = at }) => {
      const settled = restoredTo - unnoted
      return sum + [...this.arrivals].filter(([id, arrived]) => arrived.at > settled && this.sentAt(id) <= until).length
    }, 0)
  }

  /** Takes note of an acknowledgement that no sender has noted. @param took ms */
  acknowledged (id: string, took: number): void {
    this.longestAck = Math.max(this.longestAck, took)
    this.acknowledgements += 1
    this.#acked.add(id)
    if (!this.arrivals.has(id) && !this.#dead.has(id)) this.#missing.add(id)
  }

  /** Takes note of an event that is a dead letter, as it should be. */
  buried (id: string): void {
    this.#dead.add(id)
    this.#missing.delete(id)
  }

  /** Takes note of events that are too many to be known by their ids. */
  counted (counts: { acked: number, delivered: number }): void {
    Object.assign(this.#counted, counts)
  }

  /** Whether nobody was left without an answer. */
  get everyoneAnswered (): Check {
    return { what: `everyone gets an answer (${this.unanswered} got none)`, holds: this.unanswered === 0 }
  }

  /** Tells when it was sent. */
  #answered ([answer = '', id = '', digest = '', sentAt, took]: string[]): number {
    const at = Number(sentAt)
    const known = this.#sent.get(id)
    this.#sent.set(id, { digest, at: known?.at ?? at, answer: known?.answer === 'acked' ? known.answer : answer })
    if (answer === 'refused') this.refused += 1
    if (answer === 'unanswered') this.unanswered += 1
    if (answer === 'acked') this.acknowledged(id, Number(took))
    return at
  }

  #arrived ([id = '', at, digest = '']: string[]): void {
    this.lastArrival = Number(at)
    this.#missing.delete(id)
    const known = this.arrivals.get(id)
    if (known === undefined) {
      this.arrivals.set(id, { at: this.lastArrival, digests: [digest] })
    } else {
      known.digests.push(digest)
      this.repeats += 1
    }
  }
}

const isBetween = (value: number, from: number, to: number): boolean => value >= from && value <= to
