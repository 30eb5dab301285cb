import { randomUUID } from 'node:crypto'
import { firstAfterQuiet, type Logger } from '@baton/runtime'
import type { Redis } from 'ioredis'
import { deviationId, mostDeviations, type DriftReport, type SeenDrift, type UnlistedDrift } from './drift.ts'
import { keepDrift, type DriftBatch } from './drift-keep.ts'

export interface DriftKeeperOptions {
  redis: Redis
  log: Logger
  /** Told of how many deviations nobody had seen before, and of sightings that are not listed. */
  told?: (drift: { fresh: number, unlisted: number }) => void
  /** Different deviations that are kept in Redis, and that wait for it. */
  most?: number
}

/** Different deviations in one command. */
const batchSize = 200
/** Lines of log for deviations that came at the same time. */
const mostLines = 20
/** ms without an unlisted deviation after which the next one is an alert again. */
const quiet = 60_000

/** Brings what was seen into Redis, and alerts to what nobody has seen before. Nothing of it is worth holding anybody up: whoever calls is never told of an error. */
export class DriftKeeper {
  readonly #options: DriftKeeperOptions
  readonly #most: number
  readonly #writer = randomUUID()
  readonly #first = firstAfterQuiet(quiet)
  #batches = 0
  /** It has been brought to Redis at least once, without an answer: it is brought again as it was. */
  #batch: DriftBatch | undefined
  #waiting = new Map<string, SeenDrift>()
  #unlisted: UnlistedDrift | undefined
  #writing: Promise<void> | undefined
  #failing = false

  constructor (options: DriftKeeperOptions) {
    this.#options = options
    this.#most = options.most ?? mostDeviations
  }

  add ({ seen, unlisted }: DriftReport): void {
    if (unlisted !== undefined) this.#pass(unlisted)
    for (const drift of seen) {
      const id = deviationId(drift)
      const before = this.#waiting.get(id)
      if (before !== undefined) this.#waiting.set(id, { ...drift, count: before.count + drift.count, first: before.first })
      else if (this.#waiting.size < this.#most) this.#waiting.set(id, drift)
      else this.#pass(drift)
    }
  }

  /** Writes what waits; what Redis does not take goes on waiting. */
  async write (): Promise<void> {
    this.#writing ??= this.#write().finally(() => { this.#writing = undefined })
    await this.#writing
  }

  async #write (): Promise<void> {
    const { redis, log } = this.#options
    const fresh: SeenDrift[] = []
    let unlisted = 0
    try {
      for (this.#batch ??= this.#next(); this.#batch !== undefined; this.#batch = this.#next()) {
        const kept = await keepDrift(redis, this.#batch, this.#most)
        fresh.push(...kept.fresh)
        unlisted += kept.unlisted
      }
      if (this.#failing) log.info('what callbacks have that is not documented is listed again')
      this.#failing = false
    } catch (err) {
      if (!this.#failing && redis.status === 'ready') { // of an outage the connection itself tells
        log.error({ err, alert: 'DRIFT_UNLISTED' }, 'Redis does not take what callbacks have that is not documented: `baton drift` does not show all; it waits in memory, and it is tried again')
        this.#failing = true
      }
    }
    this.#tell(fresh, unlisted)
  }

  #next (): DriftBatch | undefined {
    if (this.#waiting.size === 0 && this.#unlisted === undefined) return undefined
    const some = [...this.#waiting].slice(0, batchSize)
    for (const [id] of some) this.#waiting.delete(id)
    const batch = { writer: this.#writer, nth: ++this.#batches, seen: some.map(([, drift]) => drift), unlisted: this.#unlisted }
    this.#unlisted = undefined
    return batch
  }

  #pass ({ count, last }: UnlistedDrift): void {
    this.#unlisted = { count: count + (this.#unlisted?.count ?? 0), last: Math.max(last, this.#unlisted?.last ?? 0) }
  }

  #tell (fresh: readonly SeenDrift[], unlisted: number): void {
    const { log, told } = this.#options
    for (const { kind, command, field, problem, example } of fresh.slice(0, mostLines)) {
      log.error({ kind, command, field, problem, example, alert: 'CALLBACK_DRIFT' }, 'callbacks have what their documentation does not say; they are relayed as they come, see `baton drift`')
    }
    if (fresh.length > mostLines) log.error({ more: fresh.length - mostLines, alert: 'CALLBACK_DRIFT' }, 'callbacks have still more that their documentation does not say, see `baton drift`')
    if (unlisted > 0 && this.#first()) {
      log.error({ unlisted, most: this.#most, alert: 'DRIFT_FULL' }, 'callbacks have more that is not documented than can be listed; of the rest only the number is kept. See `baton drift`, and make room with `baton drift forget`')
    }
    if (fresh.length > 0 || unlisted > 0) told?.({ fresh: fresh.length, unlisted })
  }
}
