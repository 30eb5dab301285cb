import type { JournalledEvent } from '@baton/contracts'
import type { Redis } from 'ioredis'
import { journalsKey, pointerKey, settledKey, targetStartsKey, targetsKey } from './names.ts'

/** Events in one bitmap: 8 KB of bits. */
export const chunkSize = 65_536

/** Notes that these events are settled for a target: delivered, filtered, duplicate or dead. */
export async function markSettled (redis: Redis, target: string, events: readonly Pick<JournalledEvent, 'journal' | 'seq'>[]): Promise<void> {
  if (events.length === 0) return
  const pipeline = redis.pipeline()
  for (const { journal, seq } of events) pipeline.setbit(settledKey(journal, target, Math.floor(seq / chunkSize)), seq % chunkSize, 1)
  for (const [error] of await pipeline.exec() ?? []) if (error !== null) throw error
}

/** Which of these events are settled for a target already. */
export async function settledAmong<E extends Pick<JournalledEvent, 'journal' | 'seq'>> (redis: Redis, target: string, events: readonly E[]): Promise<Set<E>> {
  if (events.length === 0) return new Set()
  const pipeline = redis.pipeline()
  for (const { journal, seq } of events) pipeline.getbit(settledKey(journal, target, Math.floor(seq / chunkSize)), seq % chunkSize)
  const replies = await pipeline.exec() ?? []
  for (const [error] of replies) if (error !== null) throw error
  return new Set(events.filter((_, at) => replies[at]?.[1] === 1))
}

/**
 * Makes targets known. Events that were forwarded before a new one came are none of its own; but where no target is known at all, nothing
 * was ever routed, or Redis has lost its data: then everything is theirs.
 */
export async function registerTargets (redis: Redis, targets: readonly string[]): Promise<void> {
  const known = await redis.smembers(targetsKey)
  for (const target of targets.filter(name => !known.includes(name))) {
    await redis.sadd(targetsKey, target)
    if (known.length === 0) continue
    // After the target is known: whatever is routed without it stands before this position.
    for (const journal of await redis.hkeys(journalsKey)) {
      await redis.hsetnx(targetStartsKey, `${target}:${journal}`, await redis.get(pointerKey(journal)) ?? '0')
    }
  }
}

/** Says again that these targets are there, as whoever registered them must every few seconds: a Redis that lost its data would wait for none. */
export async function renewTargets (redis: Redis, targets: readonly string[]): Promise<void> {
  if (targets.length > 0) await redis.sadd(targetsKey, ...targets)
}

/** Gives a sign of life of a journal. */
export async function registerJournal (redis: Redis, journal: string): Promise<void> {
  await redis.hset(journalsKey, journal, Date.now())
}

/**
 * Up to which number every event of a journal is settled for every target, looking on from `from`; `pointer` is how far events
 * were forwarded. Without targets nothing is ever settled. Bitmaps that are behind it are dropped.
 */
export async function settledTo (redis: Redis, journal: string, { from, pointer }: { from: number, pointer: number }): Promise<number> {
  const targets = await redis.smembers(targetsKey)
  if (targets.length === 0) return from
  const starts = await redis.hmget(targetStartsKey, ...targets.map(target => `${target}:${journal}`))
  const reached = await Promise.all(targets.map(async (target, at) => await reachedBy(redis, journal, target, { from: Math.max(from, Number(starts[at] ?? 0)), pointer })))
  const to = Math.max(from, Math.min(...reached))
  const passed = Math.floor((to + 1) / chunkSize)
  const before = Math.floor((from + 1) / chunkSize)
  if (passed > before) {
    await redis.unlink(...targets.flatMap(target => Array.from({ length: passed - before }, (_, nth) => settledKey(journal, target, before + nth))))
  }
  return to
}

/** The last number before the first gap of one target. */
async function reachedBy (redis: Redis, journal: string, target: string, { from, pointer }: { from: number, pointer: number }): Promise<number> {
  let reached = Math.min(from, pointer)
  while (reached < pointer) {
    const chunk = Math.floor((reached + 1) / chunkSize)
    const bits = await redis.getBuffer(settledKey(journal, target, chunk))
    if (bits === null) return reached
    const end = Math.min(pointer, (chunk + 1) * chunkSize - 1)
    while (reached < end && isSet(bits, (reached + 1) % chunkSize)) reached += 1
    if (reached < end) return reached
  }
  return reached
}

/** Bits are numbered as SETBIT does: the first one is the highest of the first byte. */
const isSet = (bits: Buffer, at: number): boolean => ((bits[at >> 3] ?? 0) & (0x80 >> (at & 7))) !== 0
