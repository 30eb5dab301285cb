/** Numbers that a seed and a case decide: the same on every machine, and of one case whatever became of the others. */
export class Randomness {
  #state: number

  constructor (seed: number, stream: number) {
    this.#state = Math.imul(seed + 0x9E3779B9 | 0, 0x85EBCA6B) ^ Math.imul(stream + 1, 0xC2B2AE35)
    for (let nth = 0; nth < 4; nth++) this.#next() // neighbours begin alike
  }

  /** 0 to `bound` - 1. */
  below (bound: number): number {
    return Math.floor(this.#next() * bound)
  }

  /** `least` to `most`. */
  between (least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  chance (share: number): boolean {
    return this.#next() < share
  }

  pick<T> (among: readonly T[]): T {
    return this.weighted(among.map(value => [1, value] as const))
  }

  /** One of them, by how much each weighs. */
  weighted<T> (among: ReadonlyArray<readonly [weight: number, T]>): T {
    let at = this.#next() * among.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, value] of among) {
      at -= weight
      if (at < 0) return value
    }
    throw new Error('there is nothing to pick from')
  }

  shuffled<T> (values: readonly T[]): T[] {
    return values.map(value => ({ value, at: this.#next() })).sort((a, b) => a.at - b.at).map(({ value }) => value)
  }

  /** Mulberry32: 0 <= n < 1. */
  #next (): number {
    this.#state = this.#state + 0x6D2B79F5 | 0
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
}
