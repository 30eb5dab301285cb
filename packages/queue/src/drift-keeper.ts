import type { Logger } from '@baton/runtime'
import type { Redis } from 'ioredis'
import { keepDrift, type SeenDrift } from './drift.ts'

/** Different deviations that wait for Redis; what comes beyond is lost, but counted in the metric. */
const mostWaiting = 1_000
/** In one transaction. */
const batch = 200

/** Brings what was seen into Redis, and alerts to what was never seen before. */
export class DriftKeeper {
  readonly #redis: Redis
  readonly #log: Logger
  readonly #waiting = new Map<string, SeenDrift>()

  constructor (redis: Redis, log: Logger) {
    this.#redis = redis
    this.#log = log
  }

  add (seen: readonly SeenDrift[]): void {
    for (const drift of seen) {
      const key = `${drift.kind} ${drift.command} ${drift.field}`
      const before = this.#waiting.get(key)
      if (before === undefined && this.#waiting.size >= mostWaiting) continue
      this.#waiting.set(key, before === undefined ? drift : { ...drift, count: before.count + drift.count, first: before.first })
    }
  }

  /** Rejects as Redis does; what was not written waits. */
  async write (): Promise<void> {
    while (this.#waiting.size > 0) {
      const some = [...this.#waiting].slice(0, batch)
      for (const [key] of some) this.#waiting.delete(key)
      try {
        for (const { kind, command, field, problem, example } of await keepDrift(this.#redis, some.map(([, drift]) => drift))) {
          this.#log.error({ kind, command, field, problem, example, alert: 'CALLBACK_DRIFT' }, 'callbacks have what their documentation does not say; they are relayed as they come, see `baton drift`')
        }
      } catch (error) {
        this.add(some.map(([, drift]) => drift))
        throw error
      }
    }
  }
}
