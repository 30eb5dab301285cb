import type { Logger } from '@baton/runtime'
import { DelayedError, RateLimitError, UnrecoverableError, Worker, type Job } from 'bullmq'
import type { Redis } from 'ioredis'
import { guardWorker } from './guard-worker.ts'
import { jobVersion, readJobData, versionOf, type JobData } from './job-data.ts'
import { prefix } from './names.ts'

/** What becomes of a job. This file alone turns it into a queue action. */
export type Verdict =
  | { kind: 'done' }
  /** Again after `delay` ms; counts as an attempt. */
  | { kind: 'again', delay: number, reason: string }
  /** Given up: the job stays as a dead letter. */
  | { kind: 'dead', reason: string, answer?: string | undefined }
  /** Handed back as if it had never been taken; counts as no attempt. */
  | { kind: 'back' }
  /** Handed back to the head of its queue, from which nothing is taken until the gate opens; counts as no attempt. */
  | { kind: 'shut' }

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
  /** ms for which a job stays with a worker that gives no sign of life; 30 s if left out. */
  lock?: number
  /** After so many deaths of workers that had it in hand, a job is given up; never, if left out. */
  mostStalls?: number
  handle: (job: JobInHand) => Promise<Verdict>
  /** Told of a job that became a dead letter although no verdict said so: it outlived `mostStalls`, or could not be read. */
  buried?: (data: JobData, id: string) => Promise<void>
}

export interface Consumer {
  readonly queue: string
  /** Takes no more jobs and waits for those in hand, at most `patience` ms; the rest goes back to the queue when its lock ends. */
  close: (patience: number) => Promise<void>
}

/** How long a job stays away that no worker could do anything with, in ms: an unknown version, an unexpected error. */
const unknownVersionDelay = 30_000
const unexpectedErrorDelay = 5_000

/** ms after which a worker looks again at a gate that is shut: somebody may have opened it meanwhile. */
const longestSleep = 1_000

/** After so many deaths of workers that had it in hand, a job is under suspicion of killing them. */
const suspiciousStalls = 2
/** ms over which jobs under suspicion are spread. */
const suspectDelay = 1_000

/** ms that are left to jobs in hand once they were told to let go; and ms for all, where Redis is away and nothing can be settled. */
const lastWords = 2_000

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
export function consume ({ queue, concurrency, redis, log, lock = 30_000, mostStalls = 1_000_000_000, handle, buried }: ConsumerOptions): Consumer {
  /** Jobs under suspicion that were sent back to wait for a moment of their own. */
  const sentBack = new Set<string>()
  let suspectInHand = false

  const work = async (job: Job<unknown, void>, token?: string, signal?: AbortSignal): Promise<void> => {
    const handBack = async (delay: number): Promise<never> => {
      await job.moveToDelayed(Date.now() + delay, token)
      throw new DelayedError()
    }
    const data = readJobData(job.data)
    if (data === undefined) {
      if (versionOf(job.data) === jobVersion) {
        log.error({ queue, job: job.id, alert: 'JOB_UNREADABLE' }, 'a job cannot be read and is given up; its data stays in Redis, see it in the failed set of its queue')
        throw new UnrecoverableError('unreadable_job: the job has the form of no job of this version')
      }
      log.error({ queue, job: job.id }, 'a job of another version was handed back; a newer Baton wrote it, update this worker')
      return await handBack(unknownVersionDelay)
    }
    // All that a worker had in hand when it died is under suspicion. One at a time, each at a moment of its own: so the guilty one dies alone, and takes no innocent ones with it.
    const id = String(job.id)
    const isSuspect = job.stalledCounter >= suspiciousStalls
    if (isSuspect && (suspectInHand || !sentBack.delete(id))) {
      sentBack.add(id)
      return await handBack(Math.ceil(Math.random() * suspectDelay))
    }
    if (isSuspect) suspectInHand = true
    let verdict: Verdict
    try {
      verdict = await handle({
        id,
        data,
        attemptsMade: job.attemptsMade,
        resumed: job.stalledCounter > 0,
        signal: signal ?? new AbortController().signal
      })
    } catch (error) {
      log.error({ err: error, queue, job: job.id }, 'a job met an unexpected error; it is tried again')
      return await handBack(unexpectedErrorDelay * (0.5 + Math.random()))
    } finally {
      if (isSuspect) suspectInHand = false
    }
    switch (verdict.kind) {
      case 'done': return
      case 'again': throw new Again(verdict.reason, verdict.delay)
      case 'dead':
        await keepAnswer(job, data, verdict.answer)
        throw new UnrecoverableError(verdict.reason)
      case 'back': return await handBack(1)
      case 'shut': throw new RateLimitError()
    }
  }

  /** Beside the reason, which is logged. Without it, it is a dead letter all the same. */
  const keepAnswer = async (job: Job<unknown, void>, { answer: before, ...data }: JobData, answer: string | undefined): Promise<void> => {
    if (answer === before) return
    await job.updateData({ ...data, ...answer !== undefined && { answer } }).catch((err: unknown) => { log.warn({ err, queue, job: job.id }, 'a dead letter was kept without what its destination answered') })
  }

  const worker = new Worker<unknown, void>(queue, work, {
    connection: redis,
    prefix,
    concurrency,
    // A killed worker's jobs are taken over within the two together.
    lockDuration: lock,
    stalledInterval: Math.round(lock / 6),
    maxStalledCount: mostStalls, // kills and outages count too, so BullMQ's default of 1 would bury innocent jobs
    removeOnComplete: { count: 0 },
    limiter: { max: 1_000_000_000, duration: 1_000 }, // never reached: without it BullMQ does not look whether a gate is shut
    maximumRateLimitDelay: longestSleep,
    settings: { backoffStrategy: (_attempts, _type, error) => error instanceof Again ? error.delay : unexpectedErrorDelay }
  })
  guardWorker(worker, redis, log)
  worker.on('failed', (job, error) => {
    if (error instanceof Again || error instanceof DelayedError || error instanceof RateLimitError) return
    if (error instanceof UnrecoverableError && !error.message.includes('stalled')) return
    log.error({ queue, job: job?.id, reason: error.message }, 'a job was given up because workers died with it in hand; see it with `baton dead list`')
    const data = readJobData(job?.data)
    if (data !== undefined) void buried?.(data, String(job?.id)).catch((err: unknown) => { log.error({ err, queue, job: job?.id }, 'a dead letter could not be noted') })
  })

  return {
    queue,
    close: async patience => {
      const finished = worker.close().then((): true => true)
      if (await within(finished, redis.status === 'ready' ? patience : lastWords)) return
      worker.cancelAllJobs('closing')
      await within(finished, lastWords) // what BullMQ still holds on to then, ends with the process
    }
  }
}

/** Whether a promise resolves within so many ms. */
async function within (promise: Promise<true>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>(resolve => { timer = setTimeout(() => { resolve(false) }, milliseconds) })
  return await Promise.race([promise, late]).finally(() => { clearTimeout(timer) })
}
