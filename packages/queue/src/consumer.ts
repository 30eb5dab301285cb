import type { Logger } from '@baton/runtime'
import { DelayedError, UnrecoverableError, Worker, type Job } from 'bullmq'
import type { Redis } from 'ioredis'
import { readJobData, type JobData } from './job-data.ts'
import { prefix } from './names.ts'

/** What becomes of a job. This file alone turns it into a queue action. */
export type Verdict =
  | { kind: 'done' }
  /** Again after `delay` ms; counts as an attempt. */
  | { kind: 'again', delay: number, reason: string }
  /** Given up: the job stays as a dead letter. */
  | { kind: 'dead', reason: string }

export interface JobInHand {
  id: string
  data: JobData
  /** Attempts that ended with `again`. */
  attemptsMade: number
  /** A worker died with this job in its hands; nobody knows how far it came. */
  resumed: boolean
  /** Aborted when the consumer must let go. */
  signal: AbortSignal
}

export interface ConsumerOptions {
  queue: string
  concurrency: number
  redis: Redis
  log: Logger
  handle: (job: JobInHand) => Promise<Verdict>
}

export interface Consumer {
  readonly queue: string
  /** Takes no more jobs and waits for those in hand, at most `patience` ms; the rest goes back to the queue when its lock ends. */
  close: (patience: number) => Promise<void>
}

/** How long a job of an unknown version stays away before the next worker may look at it, in ms. */
const handBackDelay = 30_000

/** Carries the delay of a verdict through BullMQ, whose only word for "again" is an error. */
class Again extends Error {
  override readonly name = 'Again'
  readonly delay: number

  constructor (reason: string, delay: number) {
    super(reason)
    this.delay = delay
  }
}

/** Works on the jobs of one queue. */
export function consume ({ queue, concurrency, redis, log, handle }: ConsumerOptions): Consumer {
  const process = async (job: Job<unknown, void>, token?: string, signal?: AbortSignal): Promise<void> => {
    const data = readJobData(job.data)
    if (data === undefined) {
      log.error({ queue, job: job.id }, 'a job of an unknown version was handed back; a newer Baton wrote it, update this worker')
      await job.moveToDelayed(Date.now() + handBackDelay, token)
      throw new DelayedError()
    }
    const verdict = await handle({
      id: String(job.id),
      data,
      attemptsMade: job.attemptsMade,
      resumed: job.stalledCounter > 0,
      signal: signal ?? new AbortController().signal
    })
    switch (verdict.kind) {
      case 'done': return
      case 'again': throw new Again(verdict.reason, verdict.delay)
      case 'dead': throw new UnrecoverableError(verdict.reason)
    }
  }

  const worker = new Worker<unknown, void>(queue, process, {
    connection: redis,
    prefix,
    concurrency,
    // A killed worker's jobs are taken over within lockDuration + stalledInterval; shorter locks would lapse in a Redis failover.
    lockDuration: 30_000,
    stalledInterval: 5_000,
    // Kills and outages count too, so the default of 1 would bury innocent jobs.
    maxStalledCount: 10,
    removeOnComplete: { count: 0 },
    // An unexpected error (the handler threw) is tried again after a few seconds.
    settings: { backoffStrategy: (_attempts, _type, error) => error instanceof Again ? error.delay : 5_000 }
  })
  worker.on('error', error => log.error({ err: error, queue }, 'the queue cannot be worked on; trying again'))

  return {
    queue,
    close: async patience => {
      const finished = worker.close()
      const signal = AbortSignal.timeout(patience)
      const late = new Promise<'late'>(resolve => { signal.addEventListener('abort', () => resolve('late'), { once: true }) })
      if (await Promise.race([finished, late]) === 'late') {
        worker.cancelAllJobs('closing')
        await worker.close(true)
      }
    }
  }
}
