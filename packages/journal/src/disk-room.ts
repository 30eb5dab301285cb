import { open, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from './store.ts'

/** ms for which a measurement holds while there is plenty. */
const validity = 1000
/** Bytes, more than one commit can take: below it each commit measures first, and the file is made longer. */
const plenty = 4 << 20
/** Bytes by which the file is made longer at once. The next flush writes them too. */
const step = 4 << 20
const block = 256 << 10
/** Bytes that commits write besides their records: the pages on the way to them, until old ones are free again. */
const overhead = 128 << 10

/** Bytes on the disk for a record at the worst: LMDB gives large values whole pages. */
const costOf = (size: number): number => 2 * size + 512

/**
 * How much may still be written. LMDB does not survive a write that finds no room: it hangs, fails for good or takes the process with it. So it only ever
 * writes where its file has room already, in free pages or in zeros behind them; those are written here, where a full disk is a mere error.
 * (A file system that copies on write, or compresses zeros, keeps no such promise.)
 */
export class DiskRoom {
  readonly #folder: string
  readonly #minimumFree: number
  readonly #store: Store
  #free = 0
  #left = 0
  #canGrow = false
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

  /** The file can still be made longer. */
  get canGrow (): boolean {
    return this.#canGrow
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

  /**
   * Measures, and makes the file longer where little of it is left, or too little for a record of this size. Never while a commit is written, which writes to the
   * same file. Never rejects.
   */
  async prepare (size = 0): Promise<void> {
    await this.measure()
    const wanted = Math.max(plenty, costOf(size))
    if (this.#left >= wanted) return
    try {
      if (await this.#lengthen(Math.max(step, wanted - this.#left + block)) > 0) await this.measure()
    } catch {
      await this.measure() // the disk took less than it said; what it took counts
    }
  }

  /** Resolves when no measurement is under way. */
  async idle (): Promise<void> {
    await this.#measuring
  }

  async #measure (): Promise<void> {
    try {
      const [{ bavail, bsize }, { size }] = await Promise.all([statfs(this.#folder), stat(this.#path)])
      this.#store.refresh()
      this.#store.forgetDeadReaders() // else the file would grow, and what they hold would count as free
      const { file, free } = this.#store.space()
      const ahead = Math.max(0, size - file)
      this.#free = bavail * bsize + free + ahead
      this.#canGrow = bavail * bsize - this.#minimumFree >= block
      this.#left = ahead + free / 2 - overhead // not every free page lies where a large batch can use it
    } catch {
      this.#left = Infinity // a disk that does not say how full it is refuses by itself
    }
    this.#measuredAt = performance.now()
  }

  /** Answers how many bytes longer the file is. */
  async #lengthen (bytes: number): Promise<number> {
    const [{ bavail, bsize }, { size }] = await Promise.all([statfs(this.#folder), stat(this.#path)])
    const room = Math.min(bytes, bavail * bsize - this.#minimumFree)
    if (room < block) return 0
    const file = await open(this.#path, 'r+')
    try {
      const zeros = Buffer.alloc(block)
      let written = 0
      while (written + block <= room) written += (await file.write(zeros, 0, block, size + written)).bytesWritten
      return written
    } finally {
      await file.close()
    }
  }

  get #path (): string {
    return join(this.#folder, 'data.mdb')
  }
}
