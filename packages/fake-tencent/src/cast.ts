import type { KnownCommand } from '@baton/contracts'
import type { Random } from './random.ts'

/** Most things of one kind; a further one takes the place of another. */
const most = 100

/** Things of one kind that come into the world with one command and leave it with another. */
export class Cast<T> {
  readonly #random: Random
  readonly #make: () => T
  readonly #begins: KnownCommand | undefined
  readonly #ends: KnownCommand | undefined
  readonly #items: T[]

  constructor (random: Random, make: () => T, { begins, ends, size }: { begins?: KnownCommand, ends?: KnownCommand, size: number }) {
    this.#random = random
    this.#make = make
    this.#begins = begins
    this.#ends = ends
    this.#items = Array.from({ length: size }, make)
  }

  /** The one that a callback of this command is about: a new one where it begins, one for the last time where it ends. */
  about (command: string, { fits = () => true, make = this.#make }: { fits?: (item: T) => boolean, make?: () => T } = {}): T {
    if (command === this.#begins) return this.add(make())
    const fitting = this.#items.filter(fits)
    const item = fitting.length === 0 ? this.add(make()) : this.#random.pick(fitting)
    if (command === this.#ends) this.#items.splice(this.#items.indexOf(item), 1)
    return item
  }

  /** Up to so many, each once, in any order. */
  some (count: number, fits: (item: T) => boolean = () => true): T[] {
    return this.#random.shuffled(this.#items.filter(fits)).slice(0, count)
  }

  add (item: T): T {
    if (this.#items.length >= most) this.#items.splice(this.#random.between(0, most - 1), 1)
    this.#items.push(item)
    return item
  }
}
