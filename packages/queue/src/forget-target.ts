import { carryOut } from './marks.ts'
import { blockedLanesKey, deadChangesKey, deadChunksKey, droppedKey, gateKey, journalsKey, lanedBytesKey, lanedKey, lanesKey, laggingKey, prefix, targetLimitsKey, targetQueue, targetStartsKey, targetsKey } from './names.ts'
import type { Queues } from './queues.ts'
import { endRetirement, type Retirement } from './retirements.ts'

/** Keys that one SCAN looks at. */
const page = 1_000

/**
 * Ends a target: nobody waits for its outcomes any more, and whatever Redis holds of it is removed, its dead letters too. Once more is no harm. To be called when
 * no worker delivers to it. False, with nothing done, where it is no longer being retired as it was.
 */
export async function forgetTarget (queues: Queues, target: string, retirement: Retirement): Promise<boolean> {
  const { redis } = queues
  if (!await endRetirement(redis, target, retirement)) return false
  const journals = await redis.hkeys(journalsKey)
  const multi = redis.multi()
    .srem(targetsKey, target)
    .hdel(targetLimitsKey, target).hdel(laggingKey, target).hdel(droppedKey, target)
  if (journals.length > 0) multi.hdel(targetStartsKey, ...journals.map(journal => `${target}:${journal}`))
  await carryOut(multi)

  for (const journal of journals) {
    const chunks = (await redis.smembers(deadChunksKey(journal))).filter(place => place.slice(0, place.lastIndexOf(':')) === target)
    if (chunks.length > 0) await carryOut(redis.multi().srem(deadChunksKey(journal), ...chunks).incr(deadChangesKey(journal)))
  }
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}:*${target}*`, 'COUNT', page)
    const own = keys.filter(key => isOwn(key, target))
    if (own.length > 0) await redis.unlink(...own)
    cursor = next
  } while (cursor !== '0')
  return true
}

/** Whether a key is about this target alone, as names.ts makes them. */
function isOwn (key: string, target: string): boolean {
  if ([lanedKey(target), lanedBytesKey(target), lanesKey(target), blockedLanesKey(target), gateKey(target)].includes(key)) return true
  const [kind = '', ...rest] = key.slice(prefix.length + 1).split(':')
  switch (kind) {
    case 'placed': case 'settled': case 'dead': return rest.at(1) === target
    case 'horizon': case 'untold': return rest.at(1) === target
    case 'lane': case 'lane-state': return rest.at(0) === target
    default: return kind === targetQueue(target) && rest.length > 0
  }
}
