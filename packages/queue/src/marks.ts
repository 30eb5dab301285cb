import type { ChainableCommander, Redis } from 'ioredis'
import { bitPlaces, chunkOf, chunkSize, setBits, type Position } from './event-bits.ts'
import { activeRelayKey, deadChangesKey, deadChunksKey, deadKey, routedKey, settledKey } from './names.ts'

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
 * Notes that these events were routed, together with those of them that are settled for a target without a delivery. In one step: an event that is routed, and neither
 * placed nor settled, is one that the target wants and does not have. False, with nothing noted, where routers route by another relay file than the given one.
 * @param version of the relay file by which they were routed; left out where none was asked
 */
export async function markRouted (redis: Redis, events: readonly Position[], settled: ReadonlyMap<string, readonly Position[]> = new Map(), version = ''): Promise<boolean> {
  if (events.length === 0) return true
  const bitmaps = [
    ...[...settled].flatMap(([target, own]) => bitPlaces((journal, chunk) => settledKey(journal, target, chunk), own)),
    ...bitPlaces(routedKey, events)
  ]
  return await redis.eval(noteRouted, 1 + bitmaps.length, activeRelayKey, ...bitmaps.map(({ key }) => key),
    version, ...bitmaps.flatMap(({ places }) => [places.length, ...places])) === 1
}

/** A Redis that knows of no relay file has just lost its data; then each router goes on. */
const noteRouted = `
local active = redis.call('GET', KEYS[1])
if ARGV[1] ~= '' and active and string.match(active, '^%d+ (%S+)') ~= ARGV[1] then return 0 end
local at = 2
for nth = 2, #KEYS do
  for place = at + 1, at + ARGV[at] do redis.call('SETBIT', KEYS[nth], ARGV[place], 1) end
  at = at + 1 + ARGV[at]
end
return 1`

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
