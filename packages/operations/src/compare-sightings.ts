/** What the controller received, and what Baton accepted. */
export const sides = ['received', 'accepted'] as const
export type Side = (typeof sides)[number]

/** Callbacks that cannot be told apart: of one app, one command and one body. */
export interface SameCallbacks {
  /** Of app and command, as they were added. */
  kind: number
  /** SHA-256 of the body. */
  digest: Buffer
  /** When each was seen, in ms since 1970; NaN where nobody says. */
  times: Record<Side, number[]>
}

const digestBytes = 32
/** The first bytes of a digest that a number holds exactly. */
const prefixBytes = 6

/** Many callbacks in little memory: 48 bytes for each, which columns hold and no objects. */
export class Sightings {
  #length = 0
  #digests = Buffer.alloc(0)
  #times = new Float64Array(0)
  /** Kind, and the side in the last bit. */
  #marks = new Uint32Array(0)

  get length (): number {
    return this.#length
  }

  add (side: Side, { kind, digest, time }: { kind: number, digest: Buffer, time: number }): void {
    if (this.#length === this.#times.length) this.#grow()
    digest.copy(this.#digests, this.#length * digestBytes)
    this.#times[this.#length] = time
    this.#marks[this.#length] = kind * sides.length + sides.indexOf(side)
    this.#length += 1
  }

  /** Each group of equal ones once, in no order that means anything. */
  * groups (): Generator<SameCallbacks> {
    const order = this.#sorted()
    let group: SameCallbacks | undefined
    for (const at of order) {
      const kind = this.#kind(at)
      const digest = this.#digest(at)
      if (group === undefined || group.kind !== kind || !group.digest.equals(digest)) {
        if (group !== undefined) yield group
        group = { kind, digest, times: { received: [], accepted: [] } }
      }
      group.times[this.#side(at)].push(this.#times[at] ?? NaN)
    }
    if (group !== undefined) yield group
  }

  #sorted (): Uint32Array {
    const prefixes = new Float64Array(this.#length)
    for (let at = 0; at < this.#length; at++) prefixes[at] = this.#digests.readUIntBE(at * digestBytes, prefixBytes)
    return Uint32Array.from({ length: this.#length }, (_, at) => at).sort((one, other) =>
      (prefixes[one] ?? 0) - (prefixes[other] ?? 0) || this.#digest(one).compare(this.#digest(other)) || this.#kind(one) - this.#kind(other))
  }

  #digest (at: number): Buffer {
    return this.#digests.subarray(at * digestBytes, (at + 1) * digestBytes)
  }

  #kind (at: number): number {
    return Math.floor((this.#marks[at] ?? 0) / sides.length)
  }

  #side (at: number): Side {
    return (this.#marks[at] ?? 0) % sides.length === 0 ? 'received' : 'accepted'
  }

  #grow (): void {
    const length = Math.max(1_024, 2 * this.#length)
    const [digests, times, marks] = [Buffer.alloc(length * digestBytes), new Float64Array(length), new Uint32Array(length)]
    this.#digests.copy(digests)
    times.set(this.#times)
    marks.set(this.#marks)
    this.#digests = digests
    this.#times = times
    this.#marks = marks
  }
}
