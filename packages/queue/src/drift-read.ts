import type { Redis } from 'ioredis'
import { restoreDrift, restoreUnlisted, type SeenDrift, type UnlistedDrift } from './drift.ts'
import { driftKey, unlistedDriftKey } from './names.ts'

export interface ListedDrift {
  /** The one seen last comes first. */
  drift: SeenDrift[]
  /** What could not be listed since something was forgotten. */
  unlisted: UnlistedDrift | undefined
}

/** All that is kept; what another version keeps is passed over. */
export async function driftSeen (redis: Redis): Promise<ListedDrift> {
  const [kept, unlisted] = await Promise.all([redis.hgetall(driftKey), redis.get(unlistedDriftKey)])
  return { drift: latestFirst(Object.entries(kept).flatMap(([id, text]) => restoreDrift(id, text) ?? [])), unlisted: restoreUnlisted(unlisted) }
}

export const latestFirst = (drift: SeenDrift[]): SeenDrift[] => drift.sort((one, other) => other.last - one.last)
