import type { Redis } from 'ioredis'
import { targetsKey } from './names.ts'

/** The names of all targets that ever had a worker, sorted. */
export async function registeredTargets (redis: Redis): Promise<string[]> {
  return (await redis.smembers(targetsKey)).sort()
}
