import type { Redis } from 'ioredis'
import { chunkOf, combine, numbersIn } from './event-bits.ts'
import { carryOut } from './marks.ts'
import { journalsKey, placedKey, pointerKey, routedKey, settledKey, settledToKey, targetStartsKey } from './names.ts'
import { readPointer } from './pointer.ts'

const nothing = Buffer.alloc(0)

/**
 * How many events of all journals a target still awaits that Redis holds neither as a delivery nor as settled: it lagged when they were routed, or they were lost. Told by the bitmaps alone, so it counts
 * also where a journal's ingress is away.
 */
export async function awaitedFromJournals (redis: Redis, target: string): Promise<number> {
  let awaited = 0
  for (const journal of await redis.hkeys(journalsKey)) {
    const [pointer, settledTo, start] = await carryOut(redis.multi().get(pointerKey(journal)).get(settledToKey(journal)).hget(targetStartsKey, `${target}:${journal}`))
    const last = typeof pointer === 'string' ? readPointer(pointer).seq : 0
    const first = Math.max(Number(settledTo ?? 0), Number(start ?? 0)) + 1
    for (let chunk = chunkOf(first); chunk <= chunkOf(last); chunk++) {
      const [routed = nothing, settled = nothing, placed = nothing] = (await carryOut(redis.multi()
        .getBuffer(routedKey(journal, chunk)).getBuffer(settledKey(journal, target, chunk)).getBuffer(placedKey(journal, target, chunk)))).map(bits => Buffer.isBuffer(bits) ? bits : nothing)
      const open = combine(routed, combine(settled, placed, (a, b) => a | b), (a, b) => a & ~b)
      for (const seq of numbersIn(open, chunk, first, last)) if (seq > 0) awaited += 1
    }
  }
  return awaited
}
