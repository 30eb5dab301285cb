import type { Redis } from 'ioredis'
import { deviationId, restoreDrift, type SeenDrift } from './drift.ts'
import { latestFirst } from './drift-read.ts'
import { carryOut } from './marks.ts'
import { driftKey, unlistedDriftKey } from './names.ts'

/** Forgets these, and how much could not be listed: what comes again is news. Answers what it forgot, as it was kept at that moment. */
export async function forgetDrift (redis: Redis, drift: readonly SeenDrift[]): Promise<SeenDrift[]> {
  const ids = drift.map(deviationId)
  if (ids.length === 0) return []
  const [kept] = await carryOut(redis.multi().hmget(driftKey, ...ids).hdel(driftKey, ...ids).del(unlistedDriftKey))
  return restored(ids, Array.isArray(kept) ? kept : [])
}

/** Forgets everything, what another version keeps too. */
export async function forgetAllDrift (redis: Redis): Promise<SeenDrift[]> {
  const [ids, kept] = await carryOut(redis.multi().hkeys(driftKey).hvals(driftKey).del(driftKey, unlistedDriftKey))
  return restored(Array.isArray(ids) ? ids : [], Array.isArray(kept) ? kept : [])
}

const restored = (ids: readonly unknown[], kept: readonly unknown[]): SeenDrift[] =>
  latestFirst(kept.flatMap((text, at) => typeof text === 'string' ? restoreDrift(String(ids[at]), text) ?? [] : []))
