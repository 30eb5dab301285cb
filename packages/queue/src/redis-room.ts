import type { Redis } from 'ioredis'

/** The share of Redis's memory at which no more is put in: workers need room to settle what is there, and a full Redis stands still. */
const share = 0.75

export interface RedisRoom {
  /** Bytes in use. */
  used: number
  /** Bytes beyond which nothing more should be put in; Infinity where neither a bound is set nor `maxmemory`. */
  bound: number
}

/** @param bound in bytes; three quarters of Redis's own `maxmemory` if left out */
export async function redisRoom (redis: Redis, bound?: number): Promise<RedisRoom> {
  const memory = await redis.info('memory')
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(memory)?.[1] ?? 0)
  const limit = field('maxmemory')
  return { used: field('used_memory'), bound: bound ?? (limit > 0 ? limit * share : Infinity) }
}
