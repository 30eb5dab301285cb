import type { ChainableCommander, Redis } from 'ioredis'
import { chunkOf, chunkSize, setBits, type Position } from './event-bits.ts'
import { deadChangesKey, deadChunksKey, deadKey, routedKey, settledKey } from './names.ts'

/** What becomes of events at a target, beyond that they are settled there. */
export interface SettleOptions {
  /** They are dead letters from now on. */
  dead?: boolean
  /** They were dead letters until now. */
  revived?: boolean
}

/** Notes that these events are settled for a target: delivered, filtered, duplicate, dropped or dead. */
export async function markSettled (redis: Redis, target: string, events: readonly Position[], { dead = false, revived = false }: SettleOptions = {}): Promise<void> {
  if (events.length === 0) return
  const pipeline = redis.multi()
  if (dead || revived) {
    setBits(pipeline, (journal, chunk) => deadKey(journal, target, chunk), events, dead ? 1 : 0)
    for (const { journal, seq } of events) pipeline.sadd(deadChunksKey(journal), `${target}:${chunkOf(seq)}`).incr(deadChangesKey(journal))
  }
  setBits(pipeline, (journal, chunk) => settledKey(journal, target, chunk), events)
  await carryOut(pipeline)
}

/**
 * Notes that these events were routed, together with those of them that are settled for a target without a delivery. In one transaction: an event that is routed, and neither
 * placed nor settled, is one that the target wants and does not have.
 */
export async function markRouted (redis: Redis, events: readonly Position[], settled: ReadonlyMap<string, readonly Position[]> = new Map()): Promise<void> {
  if (events.length === 0) return
  const pipeline = redis.multi()
  for (const [target, own] of settled) setBits(pipeline, (journal, chunk) => settledKey(journal, target, chunk), own)
  setBits(pipeline, routedKey, events)
  await carryOut(pipeline)
}

/** Which of these events are settled for a target already. */
export const settledAmong = async <E extends Position>(redis: Redis, target: string, events: readonly E[]): Promise<Set<E>> =>
  await among(redis, events, (journal, chunk) => settledKey(journal, target, chunk))

/** Which of these events are dead letters of a target. */
export const deadAmong = async <E extends Position>(redis: Redis, target: string, events: readonly E[]): Promise<Set<E>> =>
  await among(redis, events, (journal, chunk) => deadKey(journal, target, chunk))

async function among<E extends Position> (redis: Redis, events: readonly E[], keyOf: (journal: string, chunk: number) => string): Promise<Set<E>> {
  if (events.length === 0) return new Set()
  const pipeline = redis.pipeline()
  for (const { journal, seq } of events) pipeline.getbit(keyOf(journal, chunkOf(seq)), seq % chunkSize)
  const replies = await carryOut(pipeline)
  return new Set(events.filter((_, at) => replies[at] === 1))
}

/** The replies of all commands; throws the first error. */
export async function carryOut (pipeline: ChainableCommander): Promise<unknown[]> {
  const replies = await pipeline.exec()
  if (replies === null) throw new Error('the transaction was aborted: nothing was changed')
  for (const [error] of replies) if (error !== null) throw error
  return replies.map(([, reply]) => reply)
}
