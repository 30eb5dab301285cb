import type { Redis } from 'ioredis'
import { deviationId, mostDeviations, sightOf, type DriftReport, type SeenDrift } from './drift.ts'
import { driftKey, driftWrittenKey, unlistedDriftKey } from './names.ts'

/** ms for which Redis remembers what a writer has brought last: longer than any command is on its way. */
const memory = 3_600_000

export interface DriftBatch extends DriftReport {
  /** Unique to the writer. */
  writer: string
  /** Another one for each batch of the writer; only the last may be brought again. */
  nth: number
}

export interface KeptDrift {
  /** What nobody had seen before, or not since it was forgotten. */
  fresh: SeenDrift[]
  /** Sightings of which nothing but their number is kept. */
  unlisted: number
}

/** Adds what was seen to what is kept, all or nothing. The same batch again, after an answer that did not come, changes nothing and is answered alike. */
export async function keepDrift (redis: Redis, { writer, nth, seen, unlisted }: DriftBatch, most: number = mostDeviations): Promise<KeptDrift> {
  const sightings = seen.flatMap(drift => [deviationId(drift), drift.count, Math.floor(drift.first), Math.floor(drift.last), sightOf(drift)])
  // EVAL with the whole script rather than its digest: a Redis that forgot its scripts makes no difference.
  const answer = await redis.eval(keep, 3, driftKey, unlistedDriftKey, driftWrittenKey(writer), nth, most, memory, unlisted?.count ?? 0, Math.floor(unlisted?.last ?? 0), ...sightings)
  const [, missed, ...fresh] = String(answer).split(' ').map(Number)
  return { fresh: fresh.flatMap(at => seen[at] ?? []), unlisted: missed ?? 0 }
}

/**
 * All reads that may meet a key of a wrong type come before the first write, so that nothing is ever added by half. Clocks of ingresses differ, and their
 * reports overtake each other, so the first sight is the earliest and the last one the latest.
 */
const keep = `
local done = redis.call('GET', KEYS[3])
if done and string.match(done, '^%d+') == ARGV[1] then return done end
local room = tonumber(ARGV[2]) - redis.call('HLEN', KEYS[1])
local missed, missedLast = tonumber(ARGV[4]), tonumber(ARGV[5])
local missedBefore, missedLastBefore = string.match(redis.call('GET', KEYS[2]) or '', '^(%d+) (%d+)$')
local fresh = ''
for at = 6, #ARGV, 5 do
  local id, count, first, last, sight = unpack(ARGV, at, at + 4)
  local known = redis.call('HGET', KEYS[1], id)
  if known or room > 0 then
    local countBefore, firstBefore, lastBefore, sightBefore = string.match(known or '', '^(%d+) (%d+) (%d+) (.*)$')
    if countBefore then
      count = string.format('%.0f', count + countBefore)
      if tonumber(firstBefore) < tonumber(first) then first = firstBefore end
      if tonumber(lastBefore) > tonumber(last) then last, sight = lastBefore, sightBefore end
    end
    redis.call('HSET', KEYS[1], id, count .. ' ' .. first .. ' ' .. last .. ' ' .. sight)
    if not known then
      room = room - 1
      fresh = fresh .. string.format(' %d', (at - 6) / 5)
    end
  else
    missed = missed + count
    missedLast = math.max(missedLast, last)
  end
end
if missed > 0 then
  redis.call('SET', KEYS[2], string.format('%.0f %.0f', missed + (missedBefore or 0), math.max(missedLast, missedLastBefore or 0)))
end
local answer = string.format('%s %.0f%s', ARGV[1], missed, fresh)
redis.call('SET', KEYS[3], answer, 'PX', ARGV[3])
return answer`
