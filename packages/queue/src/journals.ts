import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Redis } from 'ioredis'
import { journalsKey } from './names.ts'

/** What a journal tells of itself, once a second. Times in ms since 1970. */
export const JournalSign = Type.Object({
  at: Type.Integer(),
  /** Events that it keeps, and those of them that are not settled for all targets. */
  depth: Type.Integer(),
  unsettled: Type.Integer(),
  /** Events that are not in Redis yet. */
  unforwarded: Type.Integer(),
  /** Of the oldest unsettled one. */
  oldestUnsettledAt: Type.Union([Type.Number(), Type.Null()]),
  /** Bytes of unsettled events, and of settled ones that are kept. */
  unsettledBytes: Type.Integer(),
  retainedBytes: Type.Integer(),
  /** Unsettled events that the journal may forget for want of room, as Redis has their deliveries. */
  unprotected: Type.Integer()
})
export type JournalSign = Static<typeof JournalSign>

/** Gives a sign of life of a journal. */
export async function registerJournal (redis: Redis, journal: string, sign: JournalSign): Promise<void> {
  await redis.hset(journalsKey, journal, JSON.stringify(sign))
}

/** All journals that ever gave a sign, the latest first. */
export async function registeredJournals (redis: Redis): Promise<(JournalSign & { journal: string })[]> {
  const signs = Object.entries(await redis.hgetall(journalsKey)).flatMap(([journal, text]) => {
    const sign: unknown = JSON.parse(text)
    return Value.Check(JournalSign, sign) ? [{ journal, ...sign }] : []
  })
  return signs.sort((a, b) => b.at - a.at)
}
