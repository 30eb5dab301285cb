import type { Redis } from 'ioredis'
import { quarantineCountsKey, quarantineKey, quarantineWrittenKey } from './names.ts'
import { quarantineBounds, type Quarantined, type QuarantineBounds, type QuarantineName } from './quarantine.ts'
import { storeEntry } from './quarantine-entry.ts'

/** ms for which Redis remembers how far a writer came: longer than any command is on its way. */
const memory = 3_600_000

/** Entries of one writer, in their order. */
export interface QuarantineBatch {
  /** Unique to the writer. */
  writer: string
  /** The number that the writer gave the first of them; the others follow without a gap. */
  first: number
  entries: readonly Quarantined[]
}

/**
 * Keeps entries, and evicts the oldest until all are within the bounds; resolves with how many were evicted. The same batch again,
 * after an answer that did not come, changes nothing.
 */
export async function keepInQuarantine (redis: Redis, name: QuarantineName, { writer, first, entries }: QuarantineBatch, bounds: QuarantineBounds = quarantineBounds[name]): Promise<number> {
  const stored = entries.map(storeEntry)
  // EVAL with the whole script rather than its digest: a Redis that forgot its scripts makes no difference.
  return Number(await redis.eval(
    keep, 3, quarantineKey(name), quarantineCountsKey(name), quarantineWrittenKey(name, writer),
    first, bounds.entries, bounds.bytes, memory, stored[0]?.length ?? 1, ...stored.flat()))
}

/** Bytes are counted as the lengths of names and values, so that what is added and what is taken away are always the same. */
const keep = `
local seq, entries, bytes, memory, width = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local written = tonumber(redis.call('GET', KEYS[3]) or '0')
local used = redis.call('XLEN', KEYS[1]) == 0 and 0 or tonumber(redis.call('HGET', KEYS[2], 'bytes') or '0')
for from = 6, #ARGV, width do
  if seq > written then
    for at = from, from + width - 1 do used = used + #ARGV[at] end
    redis.call('XADD', KEYS[1], '*', unpack(ARGV, from, from + width - 1))
  end
  seq = seq + 1
end
local evicted = 0
while redis.call('XLEN', KEYS[1]) > entries or used > bytes do
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  if not oldest then break end
  for _, value in ipairs(oldest[2]) do used = used - #value end
  redis.call('XDEL', KEYS[1], oldest[1])
  evicted = evicted + 1
end
redis.call('HSET', KEYS[2], 'bytes', used)
if evicted > 0 then redis.call('HINCRBY', KEYS[2], 'evicted', evicted) end
redis.call('SET', KEYS[3], math.max(written, seq - 1), 'PX', memory)
return evicted`
