import type { Redis } from 'ioredis'
import { probeKey } from './names.ts'

/** ms after which a Redis that says nothing counts as away. */
const patience = 1_000

/** Really writes to Redis, for readiness: one that is read-only or out of memory answers reads all the same. Resolves with the obstacle. */
export async function probeWrite (redis: Redis): Promise<string | undefined> {
  if (redis.status !== 'ready') return `Redis is away (${redis.status})`
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>(resolve => { timer = setTimeout(() => { resolve(`Redis did not answer within ${patience} ms`) }, patience) })
  const written = redis.set(probeKey, Date.now(), 'EX', 60).then(
    () => undefined,
    (error: unknown) => `Redis takes no writes: ${error instanceof Error ? error.message : String(error)}`)
  return await Promise.race([written, late]).finally(() => { clearTimeout(timer) })
}
