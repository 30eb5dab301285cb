import { carryOut } from './marks.ts'
import { targetQueue } from './names.ts'
import type { Queues } from './queues.ts'

/** ms after which a delivery whose wait is over counts as due although it still stands among the delayed ones: nobody works on its queue. */
const promotionTime = 1_000
/** BullMQ tells deliveries of one ms apart by so many steps of their score. */
const stepsPerMillisecond = 0x1000

/**
 * For each target with a delivery that could be tried now: when the next one was made, in ms since 1970. A delivery keeps that time
 * through its retries; while it waits for its next attempt it is not due.
 */
export async function oldestDue (queues: Queues, targets: readonly string[], now: number = Date.now()): Promise<Map<string, number>> {
  const looks = queues.redis.pipeline()
  for (const target of targets) {
    const queue = queues.get(targetQueue(target))
    looks.lrange(queue.toKey('wait'), -1, -1)
    looks.zrangebyscore(queue.toKey('delayed'), '-inf', (now - promotionTime) * stepsPerMillisecond, 'LIMIT', 0, 1)
  }
  const due = (await carryOut(looks)).flatMap((ids, at) => {
    const target = targets[at >> 1]
    const [id]: unknown[] = Array.isArray(ids) ? ids : []
    return target === undefined || typeof id !== 'string' ? [] : [{ target, job: queues.get(targetQueue(target)).toKey(id) }]
  })

  const times = queues.redis.pipeline()
  for (const { job } of due) times.hget(job, 'timestamp')
  const oldest = new Map<string, number>()
  for (const [at, time] of (await carryOut(times)).entries()) {
    const target = due[at]?.target
    if (target === undefined || typeof time !== 'string') continue // it was done meanwhile
    oldest.set(target, Math.min(oldest.get(target) ?? Infinity, Number(time)))
  }
  return oldest
}
