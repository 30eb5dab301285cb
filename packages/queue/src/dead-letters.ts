import type { Event } from '@baton/contracts'
import { readJobData, restoreEvent } from './job-data.ts'
import { markSettled } from './marks.ts'
import { deliveryJobId, droppedKey, targetQueue } from './names.ts'
import { openLane } from './open-lane.ts'
import type { JobQueue, Queues } from './queues.ts'

/** An event whose delivery to one target was given up. */
export interface DeadLetter {
  target: string
  event: Event
  /** The last outcome: a stable code, then a sentence. */
  reason: string
  /** What the target said of it in its own words, where it did. It may repeat what the event holds. */
  answer?: string | undefined
  attempts: number
  /** When it was given up, in ms since 1970. */
  diedAt: number
  /** The events of its key wait until somebody replays or drops it. */
  blocks: boolean
}

type QueuedJob = Awaited<ReturnType<JobQueue['getFailed']>>[number]

/** One page of a target's dead letters, newest first. Pages above 200 would keep Redis busy for milliseconds. */
export async function deadLetters (queues: Queues, target: string, { offset = 0, limit = 50 } = {}): Promise<{ total: number, letters: DeadLetter[] }> {
  const queue = queues.get(targetQueue(target))
  const [total, jobs] = await Promise.all([
    queue.getFailedCount(),
    queue.getFailed(offset, offset + Math.min(limit, 200) - 1)
  ])
  return { total, letters: jobs.flatMap(job => letterOf(target, job)) }
}

/** The dead letter of one event at one target. */
export async function deadLetter (queues: Queues, target: string, eventId: string): Promise<DeadLetter | undefined> {
  const job = await failedJob(queues, target, eventId)
  return job && letterOf(target, job)[0]
}

/** Puts a dead letter back on its way, with its attempts and age counted afresh; false where there is none. One that blocks its key goes first, and the key after it. */
export async function replayDeadLetter (queues: Queues, target: string, eventId: string): Promise<boolean> {
  const job = await failedJob(queues, target, eventId)
  const data = readJobData(job?.data)
  if (job === undefined || data === undefined) return false
  const [stored] = data.events
  if (data.blocks === true && stored !== undefined && await openLane(queues, target, restoreEvent(stored), { remove: async () => { await job.remove() } })) return true
  await job.updateData({ v: data.v, events: data.events, since: Date.now(), revived: true })
  await queues.redis.hdel(queues.get(targetQueue(target)).toKey(String(job.id)), 'stc') // the count of workers that died with it
  try {
    await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
    return true
  } catch (error) {
    if (await job.isFailed()) throw error
    return false // somebody else was quicker
  }
}

/** Gives up an event for good: its dead letter is removed, and a key that it blocks goes on without it; false where there is none. */
export async function dropDeadLetter (queues: Queues, target: string, eventId: string): Promise<boolean> {
  const job = await failedJob(queues, target, eventId)
  const [stored] = readJobData(job?.data)?.events ?? []
  if (job === undefined || stored === undefined) return false
  const event = restoreEvent(stored)
  const remove = async () => { await job.remove() }
  if (job.data.blocks !== true || !await openLane(queues, target, event, { without: true, remove })) {
    await markSettled(queues.redis, target, [event], { revived: true })
    await remove()
  }
  await queues.redis.hincrby(droppedKey, target, 1)
  return true
}

async function failedJob (queues: Queues, target: string, eventId: string): Promise<QueuedJob | undefined> {
  const job = await queues.get(targetQueue(target)).getJob(deliveryJobId([eventId]))
  return job !== undefined && await job.isFailed() ? job : undefined
}

function letterOf (target: string, job: QueuedJob): DeadLetter[] {
  const data = readJobData(job.data)
  const stored = data?.events[0]
  if (data === undefined || stored === undefined) return []
  return [{
    target,
    event: restoreEvent(stored),
    reason: job.failedReason,
    ...data.answer !== undefined && { answer: data.answer },
    attempts: (data.attemptsBefore ?? 0) + (data.rejected === undefined ? job.attemptsMade : 0), // one that came rejected made none of its own
    diedAt: job.finishedOn ?? 0,
    blocks: data.blocks === true
  }]
}
