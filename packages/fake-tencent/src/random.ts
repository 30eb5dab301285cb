/** Choices that are the same wherever the seed is: sfc32, small and fast, and for nothing that must not be guessed. */
export class Random {
  #a: number
  #b: number
  #c = 0
  #counter = 1

  /** Of one seed, each `stream` is a sequence of its own. */
  constructor (seed: number, stream = 0) {
    this.#a = seed | 0
    this.#b = stream | 0
    for (let nth = 0; nth < 16; nth++) this.uint32() // until every bit of the seed has reached every bit of the state
  }

  uint32 (): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21 | this.#c >>> 11) + sum) | 0
    return sum >>> 0
  }

  /** A whole number, both bounds included; at most 2^32 apart. */
  between (least: number, most: number): number {
    return least + Math.floor(this.uint32() / 2 ** 32 * (most - least + 1))
  }

  /** True in this share of all cases. */
  chance (share: number): boolean {
    return this.uint32() < share * 2 ** 32
  }

  pick<T> (items: readonly T[]): T {
    const item = items[this.between(0, items.length - 1)]
    if (item === undefined) throw new RangeError('there is nothing to pick from')
    return item
  }

  shuffled<T> (items: readonly T[]): T[] {
    const left = [...items]
    return items.flatMap(() => left.splice(this.between(0, left.length - 1), 1))
  }

  /** So many characters of an alphabet. */
  text (alphabet: string, length: number): string {
    let text = ''
    while (text.length < length) text += alphabet.charAt(this.between(0, alphabet.length - 1))
    return text
  }

  hex (length: number): string {
    let text = ''
    while (text.length < length) text += this.uint32().toString(16).padStart(8, '0')
    return text.slice(0, length)
  }
}
