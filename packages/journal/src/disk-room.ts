import { statfs } from 'node:fs/promises'
import type { Store } from './store.ts'

/** ms for which a measurement holds while there is plenty. */
const validity = 1000
/** Bytes, more than one commit can take: below it each commit measures first. */
const plenty = 16 << 20
/** Bytes that a commit writes besides its records: the pages on the way to them. */
const overhead = 64 << 10

/** Bytes on the disk for a record at the worst: LMDB gives large values whole pages. */
const costOf = (size: number): number => 2 * size + 512

/** How much may still be written to the disk, free pages in the file included. Spends from its last measurement, so that few are needed. */
export class DiskRoom {
  readonly #folder: string
  readonly #minimumFree: number
  readonly #store: Store
  #free = 0
  #left = 0
  #measuredAt = -Infinity
  #measuring: Promise<void> | undefined

  constructor (folder: string, minimumFree: number, store: Store) {
    this.#folder = folder
    this.#minimumFree = minimumFree
    this.#store = store
  }

  /** Bytes free on the disk and in the file, as last measured. */
  get free (): number {
    return this.#free
  }

  get isStale (): boolean {
    return this.#left < plenty || performance.now() - this.#measuredAt > validity
  }

  fits (size: number): boolean {
    return costOf(size) <= this.#left
  }

  spend (size: number): void {
    this.#left -= costOf(size)
  }

  /** The next commit measures first. */
  expire (): void {
    this.#measuredAt = -Infinity
  }

  /** Never rejects. */
  measure (): Promise<void> {
    this.#measuring ??= this.#measure().finally(() => { this.#measuring = undefined })
    return this.#measuring
  }

  /** Resolves when no measurement is under way. */
  async idle (): Promise<void> {
    await this.#measuring
  }

  async #measure (): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.#folder)
      this.#store.refresh()
      this.#free = bavail * bsize + this.#store.space().free
      this.#left = this.#free - this.#minimumFree - overhead
    } catch {
      this.#left = Infinity // a disk that does not say how full it is refuses by itself
    }
    this.#measuredAt = performance.now()
  }
}
