import { randomUUID } from 'node:crypto'
import { firstAfterQuiet, type Logger } from '@baton/runtime'
import type { Redis } from 'ioredis'
import { quarantineBounds, type Quarantined, type QuarantineBounds, type QuarantineName } from './quarantine.ts'
import { keepInQuarantine } from './quarantine-keep.ts'

export interface QuarantineWriterOptions {
  redis: Redis
  name: QuarantineName
  log: Logger
  /** Told of what has been kept, and of what could not be. */
  settled: (entries: { kept: number, lost: number }) => void
  bounds?: QuarantineBounds
  /** What may wait in memory while Redis is away. */
  waiting?: QuarantineBounds
}

/** In one command. */
const batch = { entries: 100, bytes: 1_048_576 }
/** ms between two attempts while Redis does not take entries. */
const longestPause = 1_000
/** ms without an eviction after which the next one is an alert again. */
const quiet = 60_000

/** Brings entries into one quarantine, in the background. Whoever adds one never waits, and is never told of an error. */
export class QuarantineWriter {
  readonly #options: QuarantineWriterOptions
  readonly #writer = randomUUID()
  readonly #evicting = firstAfterQuiet(quiet)
  #waiting: Quarantined[] = []
  #bytes = 0
  /** How many entries were written before those that wait. */
  #written = 0
  /** Since nothing waited. */
  #lost = 0
  #writing: Promise<void> | undefined
  #closing = false
  #wake = () => {}

  constructor (options: QuarantineWriterOptions) {
    this.#options = options
  }

  add (entry: Quarantined): void {
    const { waiting = { entries: 1_000, bytes: 16 * 1_048_576 } } = this.#options
    if (this.#closing || this.#waiting.length >= waiting.entries || this.#bytes + sizeOf(entry) > waiting.bytes) return this.#lose(1)
    this.#waiting.push(entry)
    this.#bytes += sizeOf(entry)
    this.#writing ??= this.#write().finally(() => { this.#writing = undefined })
  }

  /** Makes one more attempt with what waits; takes no more. */
  async close (): Promise<void> {
    this.#closing = true
    this.#wake()
    await this.#writing
  }

  async #write (): Promise<void> {
    for (let failures = 0; this.#waiting.length > 0;) {
      const last = this.#closing
      try {
        await this.#writeBatch()
        failures = 0
      } catch (err) {
        failures += 1
        const { redis, name, log } = this.#options
        if (failures === 1 && redis.status === 'ready') log.warn({ err, quarantine: name }, 'Redis does not take what is to be quarantined; it waits in memory') // of an outage the connection itself tells
        if (last) return this.#lose(this.#waiting.splice(0).length)
        await this.#pause(Math.min(50 * 2 ** failures, longestPause))
      }
    }
  }

  async #writeBatch (): Promise<void> {
    const { redis, name, log, settled, bounds = quarantineBounds[name] } = this.#options
    const entries = this.#nextBatch()
    const evicted = await keepInQuarantine(redis, name, { writer: this.#writer, first: this.#written + 1, entries }, bounds)
    this.#written += entries.length
    this.#waiting.splice(0, entries.length)
    for (const entry of entries) this.#bytes -= sizeOf(entry)
    settled({ kept: entries.length, lost: 0 })
    if (evicted > 0 && this.#evicting()) log.error({ quarantine: name, evicted, ...bounds, alert: 'QUARANTINE_FULL' }, 'the quarantine is full; its oldest entries give way')
    if (this.#lost === 0 || this.#waiting.length > 0) return
    log.info({ quarantine: name, lost: this.#lost }, 'what is to be quarantined is kept again')
    this.#lost = 0
  }

  /** Begins with the same entry until that has been written; Redis tells by the numbers what it has already. */
  #nextBatch (): Quarantined[] {
    let bytes = 0
    const tooMany = this.#waiting.findIndex((entry, at) => (bytes += sizeOf(entry)) > batch.bytes && at > 0)
    return this.#waiting.slice(0, Math.min(batch.entries, tooMany < 0 ? batch.entries : tooMany))
  }

  #lose (count: number): void {
    const { name, log, settled } = this.#options
    if (this.#lost === 0) log.error({ quarantine: name, alert: 'QUARANTINE_LOST' }, 'Redis does not take what is to be quarantined, or not as fast as it comes, and no more of it can wait in memory; what comes now is lost')
    this.#lost += count
    settled({ kept: 0, lost: count })
  }

  /** For so many ms, or until Redis is back. */
  async #pause (milliseconds: number): Promise<void> {
    if (this.#closing) return
    const { redis } = this.#options
    await new Promise<void>(resolve => {
      const end = () => {
        clearTimeout(timer)
        redis.off('ready', end)
        resolve()
      }
      const timer = setTimeout(end, milliseconds)
      redis.on('ready', end)
      this.#wake = end
    })
  }
}

const sizeOf = ({ body, query, info }: Quarantined): number => body.length + query.length + info.length
