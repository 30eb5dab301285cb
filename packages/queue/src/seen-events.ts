import type { JournalledEvent } from '@baton/contracts'
import type { Redis } from 'ioredis'
import { seenKey } from './names.ts'

/** ms for which an event is remembered, at least; at most twice as long. */
const period = 15 * 60_000

/** Where an event stands, as it is remembered. */
const positionOf = ({ journal, seq }: JournalledEvent): string => `${journal}:${seq}`

/** What is known of an event that comes to be routed. */
export type Sighting = 'new' | 'routed' | 'duplicate'

/**
 * Tells which of these events were routed before: at their own position (a worker died before it could complete the job), or at
 * another one (Tencent sent the callback twice). Of two in the list with one id, the second is the duplicate.
 */
export async function sightings (redis: Redis, events: readonly JournalledEvent[], now: number = Date.now()): Promise<Sighting[]> {
  const current = Math.floor(now / period)
  const ids = events.map(({ id }) => id)
  const [latest, before] = await Promise.all([redis.hmget(seenKey(current), ...ids), redis.hmget(seenKey(current - 1), ...ids)])
  const here = new Map<string, string>()
  return events.map((event, at) => {
    const own = positionOf(event)
    const known = latest[at] ?? before[at] ?? here.get(event.id)
    here.set(event.id, known ?? own)
    return known === undefined ? 'new' : known === own ? 'routed' : 'duplicate'
  })
}

/** Remembers that these events were routed; only once their deliveries are in Redis. */
export async function rememberEvents (redis: Redis, events: readonly JournalledEvent[], now: number = Date.now()): Promise<void> {
  if (events.length === 0) return
  const key = seenKey(Math.floor(now / period))
  await redis.pipeline().hset(key, ...events.flatMap(event => [event.id, positionOf(event)])).pexpire(key, 2 * period).exec()
}
