import type { Redis } from 'ioredis'
import { droppedKey, laggingKey } from './names.ts'

/** What became of a target's backlog beyond what is in its queue. */
export interface TargetState {
  /** Since when it gets no more deliveries until it has caught up, in ms since 1970. */
  laggingSince?: number
  /** Events that were dropped for it in all. */
  dropped: number
}

export async function targetStates (redis: Redis, targets: readonly string[]): Promise<Map<string, TargetState>> {
  if (targets.length === 0) return new Map()
  const [since, dropped] = await Promise.all([redis.hmget(laggingKey, ...targets), redis.hmget(droppedKey, ...targets)])
  return new Map(targets.map((target, at) => {
    const laggingSince = since[at]
    return [target, { dropped: Number(dropped[at] ?? 0), ...(typeof laggingSince === 'string' && { laggingSince: Number(laggingSince) }) }]
  }))
}
