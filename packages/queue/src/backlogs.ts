import type { Logger } from '@baton/runtime'
import { lanedDeliveries } from './lane-load.ts'
import { carryOut } from './marks.ts'
import { laggingKey, targetQueue } from './names.ts'
import type { Queues } from './queues.ts'
import type { RegisteredTarget } from './registered-targets.ts'

/** ms for which a look at the queues holds. */
const validity = 200

/** Jobs of a queue that are not done and not dead. */
export async function jobsIn (queues: Queues, name: string): Promise<number> {
  const queue = queues.get(name)
  const depths = await carryOut(queues.redis.multi().llen(queue.toKey('wait')).llen(queue.toKey('paused')).zcard(queue.toKey('delayed')).llen(queue.toKey('active')))
  return depths.reduce((sum: number, depth) => sum + Number(depth), 0)
}

/** Deliveries of a target that are in Redis and not settled; events in lanes as the deliveries that they would have been. */
export async function backlogOf (queues: Queues, target: string): Promise<number> {
  const [jobs, laned] = await Promise.all([jobsIn(queues, targetQueue(target)), lanedDeliveries(queues, target)])
  return jobs + laned
}

/**
 * Tells a router which targets get no deliveries at the moment: those whose backlog has passed its cap. Their events stay in the journals,
 * which bring them when the backlog is down again.
 */
export class Backlogs {
  readonly #queues: Queues
  readonly #targets: readonly RegisteredTarget[]
  readonly #log: Logger
  #lagging = new Set<string>()
  #lookedAt = -Infinity
  #looking: Promise<void> | undefined

  constructor (queues: Queues, targets: readonly RegisteredTarget[], log: Logger) {
    this.#queues = queues
    this.#targets = targets
    this.#log = log
  }

  async lagging (): Promise<ReadonlySet<string>> {
    if (performance.now() - this.#lookedAt > validity) {
      this.#looking ??= this.#look().finally(() => { this.#looking = undefined })
      await this.#looking
    }
    return this.#lagging
  }

  async #look (): Promise<void> {
    const { redis } = this.#queues
    const lagging = new Set(await redis.hkeys(laggingKey))
    for (const { name, backlog } of this.#targets) {
      if (lagging.has(name) || await backlogOf(this.#queues, name) < backlog) continue
      lagging.add(name)
      if (await redis.hsetnx(laggingKey, name, Date.now()) === 0) continue
      this.#log.error({ target: name, backlog, alert: 'TARGET_LAGS' }, 'a target has as many deliveries waiting as it may; its further events stay in the journals, which bring them when it works again')
    }
    this.#lagging = lagging
    this.#lookedAt = performance.now()
  }
}
