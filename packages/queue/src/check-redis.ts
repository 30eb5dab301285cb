import { BatonError } from '@baton/runtime'
import type { Redis } from 'ioredis'
import { whereabouts } from './redis-client.ts'

/** Throws REDIS_UNUSABLE where BullMQ could lose jobs on this Redis: too old, or allowed to evict keys. */
export async function checkRedis (redis: Redis, url: string): Promise<void> {
  const info = new Map((await redis.info()).split('\r\n').map(line => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1)]
  }))
  const version = info.get('redis_version') ?? '0'
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const problems: string[] = []
  if (major < 6 || (major === 6 && minor < 2)) {
    problems.push(`its version is ${version}; Baton needs 6.2 or later. Upgrade it, or set REDIS_URL to another one`)
  }
  // Managed services may forbid CONFIG; INFO tells the policy everywhere.
  const policy = info.get('maxmemory_policy') ?? 'noeviction'
  if (policy !== 'noeviction') {
    problems.push(`its maxmemory-policy is ${policy}, so it would throw queued events away when full. Set it to noeviction (CONFIG SET maxmemory-policy noeviction, and in redis.conf)`)
  }
  if (problems.length > 0) throw new BatonError('REDIS_UNUSABLE', `Redis at ${whereabouts(url)} cannot be used:`, { problems })
}
