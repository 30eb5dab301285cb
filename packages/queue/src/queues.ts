import { Job, Queue, type JobsOptions } from 'bullmq'
import type { Redis } from 'ioredis'
import { deliveryData, type Delivery } from './delivery.ts'
import type { JobData } from './job-data.ts'
import { deliveryJobId, prefix, targetQueue } from './names.ts'

export type JobQueue = Queue<JobData, void, string>

/** Whether a job is tried again is decided by outcomes and age, never by BullMQ's count. A kept stack would cost 1 KB an attempt. */
export const jobOptions: JobsOptions = { attempts: 1_000_000, backoff: { type: 'custom' }, stackTraceLimit: 0 }

/** All queues over one connection; the only place where a BullMQ Queue is made. The connection stays its owner's. */
export class Queues {
  readonly redis: Redis
  readonly #open = new Map<string, JobQueue>()

  constructor (redis: Redis) {
    this.redis = redis
  }

  get (name: string): JobQueue {
    const known = this.#open.get(name)
    if (known !== undefined) return known
    const queue: JobQueue = new Queue(name, {
      connection: this.redis,
      prefix,
      // A Queue made while Redis is away would otherwise hang, or refuse for ever.
      skipWaitingForReady: true,
      skipVersionCheck: true,
      streams: { events: { maxLen: 100 } }
    })
    queue.on('error', () => {}) // the connection itself logs its errors; unheard, this one would end the process
    this.#open.set(name, queue)
    return queue
  }

  /** Adds deliveries, all or none: one MULTI, every reply checked. Adding one that is queued already changes nothing. */
  async addDeliveries (deliveries: readonly Delivery[]): Promise<void> {
    const jobs = deliveries.map(delivery => {
      const jobId = deliveryJobId(delivery.events.map(({ id }) => id))
      return new Job(this.get(targetQueue(delivery.target)), 'delivery', deliveryData(delivery), { ...jobOptions, jobId, delay: delivery.delay ?? 0 }, jobId)
    })
    const [first] = deliveries
    if (first === undefined) return
    const replies = await this.get(targetQueue(first.target)).getBackend().addFlow(jobs.map(job => job.toFlowEntry({})))
    if (replies?.some(([error]) => error?.message.includes('NOSCRIPT'))) {
      // Redis forgot its scripts, and in a transaction ioredis does not notice. One by one they are loaded again; ids make it safe.
      for (const job of jobs) await this.get(job.queueName).add(job.name, job.data, job.opts)
      return
    }
    if (replies?.length !== jobs.length) throw new Error('the transaction was aborted: nothing was added')
    for (const [error, id] of replies) {
      // A script answers a negative number where it refuses; BullMQ's own FlowProducer overlooks both.
      if (error !== null || typeof id !== 'string') throw error ?? new Error(`a delivery was not added: code ${String(id)}`)
    }
  }

  async close (): Promise<void> {
    await Promise.all([...this.#open.values()].map(queue => queue.close()))
  }
}
