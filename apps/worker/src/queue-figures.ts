import { oldestDue, quarantinePage, queueDepths, targetStates, type QuarantineName, type QueueDepth, type Queues, type TargetState } from '@baton/queue'

/** What the queues in Redis hold; all workers tell the same. */
export interface QueueFigures {
  depths: readonly QueueDepth[]
  /** When the delivery was made that a target is tried with next, in ms since 1970; only of targets with one that is due. */
  oldestDue: ReadonlyMap<string, number>
  /** Whether targets lag, are parked or paused, and how much was dropped for them. */
  states: ReadonlyMap<string, TargetState>
  /** Entries of each quarantine. */
  quarantined: ReadonlyMap<QuarantineName, number>
}

export interface LookOptions {
  /** ms for which a look holds: one scrape asks several times, and several scrapers may ask. */
  validity?: number
  /** ms after which a Redis that says nothing counts as away. */
  patience?: number
}

const quarantines = ['quarantine', 'quarantine-unsigned'] as const

/** Looks into the queues whenever it is asked; undefined where Redis is away or does not answer in time. However long it hangs, one look at most waits for it. */
export function queueFigures (queues: Queues, { validity = 5_000, patience = 1_000 }: LookOptions = {}): () => Promise<QueueFigures | undefined> {
  let last: { figures: QueueFigures, at: number } | undefined
  let looking: Promise<QueueFigures | undefined> | undefined

  const look = async () => {
    const [depths, sizes] = await Promise.all([
      queueDepths(queues),
      Promise.all(quarantines.map(async name => [name, (await quarantinePage(queues.redis, name, { limit: 0 })).total] as const))
    ])
    const targets = depths.flatMap(({ target }) => target ?? [])
    const [oldest, states] = await Promise.all([oldestDue(queues, targets), targetStates(queues, targets)])
    const figures = { depths, oldestDue: oldest, states, quarantined: new Map(sizes) }
    last = { figures, at: performance.now() }
    return figures
  }

  return async () => {
    if (last !== undefined && performance.now() - last.at < validity) return last.figures
    if (queues.redis.status !== 'ready') return undefined
    looking ??= look().catch(() => undefined).finally(() => { looking = undefined })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>(resolve => { timer = setTimeout(() => { resolve(undefined) }, patience) })
    return await Promise.race([looking, late]).finally(() => { clearTimeout(timer) })
  }
}
