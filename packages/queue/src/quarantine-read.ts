import type { Redis } from 'ioredis'
import { quarantineCountsKey, quarantineKey } from './names.ts'
import type { QuarantineName } from './quarantine.ts'
import { positionOfEntry, restoreEntry, type QuarantineEntry } from './quarantine-entry.ts'

export interface QuarantinePage {
  /** How many entries there are in all. */
  total: number
  /** How many had to give way since this Redis holds the quarantine. */
  evicted: number
  /** Newest first. */
  entries: QuarantineEntry[]
}

/** Most entries in one answer of Redis: bodies come along, up to 1 MiB each. */
const mostAtOnce = 50

/** The newest entries of a quarantine, or those before one of them. `before` must be an id of this quarantine. */
export async function quarantinePage (redis: Redis, name: QuarantineName, { before, limit = 50 }: { before?: string | undefined, limit?: number } = {}): Promise<QuarantinePage> {
  const [total, evicted] = await Promise.all([redis.xlen(quarantineKey(name)), redis.hget(quarantineCountsKey(name), 'evicted')])
  const entries: QuarantineEntry[] = []
  let from = before === undefined ? '+' : `(${positionOfEntry(before)?.position ?? '0-1'}`
  while (entries.length < limit) {
    const count = Math.min(mostAtOnce, limit - entries.length)
    const found = await redis.xrevrange(quarantineKey(name), from, '-', 'COUNT', count)
    entries.push(...found.flatMap(([position, values]) => restoreEntry(name, position, values) ?? []))
    const last = found.at(-1)
    if (last === undefined || found.length < count) break
    from = `(${last[0]}`
  }
  return { total, evicted: Number(evicted ?? 0), entries }
}

/** The entry of this id, in whichever quarantine it is. */
export async function quarantineEntry (redis: Redis, id: string): Promise<QuarantineEntry | undefined> {
  const where = positionOfEntry(id)
  if (where === undefined) return undefined
  const [found] = await redis.xrange(quarantineKey(where.name), where.position, where.position)
  return found && restoreEntry(where.name, ...found)
}
