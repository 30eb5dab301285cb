import type { Redis } from 'ioredis'
import { targetsKey } from './names.ts'

/** Makes targets known to operators, who have no relay file at hand. */
export async function registerTargets (redis: Redis, targets: readonly string[]): Promise<void> {
  if (targets.length > 0) await redis.sadd(targetsKey, ...targets)
}

/** The names of all targets that ever had a worker, sorted. */
export async function registeredTargets (redis: Redis): Promise<string[]> {
  return (await redis.smembers(targetsKey)).sort()
}
