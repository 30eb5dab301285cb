import type { Redis } from 'ioredis'
import { probeKey } from './names.ts'

/** Really writes to Redis, for readiness: one that is read-only or out of memory answers reads all the same. Resolves with the obstacle. */
export async function probeWrite (redis: Redis): Promise<string | undefined> {
  if (redis.status !== 'ready') return `Redis is away (${redis.status})`
  try {
    await redis.set(probeKey, Date.now(), 'EX', 60)
    return undefined
  } catch (error) {
    return `Redis takes no writes: ${error instanceof Error ? error.message : String(error)}`
  }
}
