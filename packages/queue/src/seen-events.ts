import { lastingJournalId, type JournalledEvent } from '@baton/contracts'
import type { Redis } from 'ioredis'
import { seenKey } from './names.ts'

/** ms for which an event is remembered, at least; at most twice as long. */
const usualPeriod = 15 * 60_000

/** Most events that are remembered of one period: about 110 MB of Redis. */
const usualBound = 1_000_000

/**
 * Where an event stands, as it is remembered. A journal whose volume was rolled back goes on under another id, and forwards again what it had
 * not settled: these events are claimed already, for the same position, and some target may not have got them.
 */
const positionOf = ({ journal, seq }: JournalledEvent): string => `${lastingJournalId(journal)}:${seq}`

/** What is known of an event that comes to be routed; `claimed`: it has been here before, at its own position. */
export type Sighting = 'new' | 'claimed' | 'duplicate'

export interface MemoryOptions {
  /** ms since 1970. */
  now?: number
  period?: number
  bound?: number
}

/**
 * Claims these events for their positions, and tells which of them were claimed before: for their own (a worker died before it could complete
 * the job), or for another one (Tencent sent the callback twice). Of two in the list with one id, the second is the duplicate.
 * A claim says nothing of deliveries: whoever makes it is bound to route the event, however often it takes. Beyond the bound nothing is remembered, and a duplicate passes for new.
 */
export async function claimEvents (redis: Redis, events: readonly JournalledEvent[], { now = Date.now(), period = usualPeriod, bound = usualBound }: MemoryOptions = {}): Promise<Sighting[]> {
  if (events.length === 0) return []
  const current = Math.floor(now / period)
  const holders: unknown = await redis.eval(claim, 2, seenKey(current), seenKey(current - 1), 2 * period, bound, ...events.flatMap(event => [event.id, positionOf(event)]))
  if (!Array.isArray(holders)) throw new Error('Redis did not say who has claimed the events')
  return events.map((event, at) => holders[at] === '' ? 'new' : holders[at] === positionOf(event) ? 'claimed' : 'duplicate')
}

/** In one step, as two ingresses may have received the same callback at the same moment. Answers who held each claim before; '' for nobody. */
const claim = `
local holders = {}
local room = tonumber(ARGV[2]) - redis.call('HLEN', KEYS[1])
for nth = 3, #ARGV, 2 do
  local holder = redis.call('HGET', KEYS[2], ARGV[nth]) or redis.call('HGET', KEYS[1], ARGV[nth])
  if not holder and room > 0 then
    redis.call('HSET', KEYS[1], ARGV[nth], ARGV[nth + 1])
    room = room - 1
  end
  table.insert(holders, holder or '')
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return holders`
