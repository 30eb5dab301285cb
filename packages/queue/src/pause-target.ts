import { gateKey, targetQueue } from './names.ts'
import type { Queues } from './queues.ts'

/** Ends all attempts at a target until it is resumed; its events wait. Answers whether it was not paused before. @param reason why, for whoever looks at it next */
export async function pauseTarget (queues: Queues, target: string, reason?: string): Promise<boolean> {
  const fresh = await queues.redis.hsetnx(gateKey(target), 'pausedSince', Date.now()) === 1
  if (reason !== undefined) await queues.redis.hset(gateKey(target), 'pauseReason', reason)
  else if (fresh) await queues.redis.hdel(gateKey(target), 'pauseReason')
  await queues.get(targetQueue(target)).pause()
  return fresh
}

/** Lets a target have events again, and at once: also where it is parked, or has asked to be left alone, and those that wait for their next attempt. Answers whether anything stood in the way. */
export async function resumeTarget (queues: Queues, target: string): Promise<boolean> {
  const queue = queues.get(targetQueue(target))
  const shut = await queues.redis.hdel(gateKey(target), 'pausedSince', 'pauseReason', 'parked', 'pause', 'until', 'prober', 'lease')
  const wasPaused = await queue.isPaused()
  await queues.redis.del(queue.toKey('limiter'))
  await queue.resume()
  const wait = (await queue.getJobCounts('delayed'))['delayed'] ?? 0
  await queue.promoteJobs() // what has failed is tried now, and not when its wait is over
  return shut > 0 || wasPaused || wait > 0
}
