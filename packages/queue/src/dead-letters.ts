import type { Event } from '@baton/contracts'
import { readJobData, restoreEvent } from './job-data.ts'
import { deliveryJobId, targetQueue } from './names.ts'
import type { JobQueue, Queues } from './queues.ts'

/** An event whose delivery to one target was given up. */
export interface DeadLetter {
  target: string
  event: Event
  /** The last outcome: a stable code, then a sentence. */
  reason: string
  attempts: number
  /** When it was given up, in ms since 1970. */
  diedAt: number
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

/** Puts a dead letter back on its way, with its attempts and age counted afresh; false where there is none. */
export async function replayDeadLetter (queues: Queues, target: string, eventId: string): Promise<boolean> {
  const job = await failedJob(queues, target, eventId)
  const data = readJobData(job?.data)
  if (job === undefined || data === undefined) return false
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
    attempts: (data.attemptsBefore ?? 0) + (data.rejected === undefined ? job.attemptsMade : 0), // one that came rejected made none of its own
    diedAt: job.finishedOn ?? 0
  }]
}
