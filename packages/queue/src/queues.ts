import type { JournalledEvent } from '@baton/contracts'
import { Job, Queue, type JobsOptions } from 'bullmq'
import type { Redis } from 'ioredis'
import { deliveryData, type Delivery } from './delivery.ts'
import { bitPlaces } from './event-bits.ts'
import { writtenJobData, type JobData } from './job-data.ts'
import { positionsText } from './job-positions.ts'
import { laneScripts } from './lane-scripts.ts'
import { layEvents } from './lanes.ts'
import { markSettled } from './marks.ts'
import { deliveryJobId, placedKey, prefix, targetQueue } from './names.ts'

export type JobQueue = Queue<JobData, void, string>
export type QueueClient = Awaited<ReturnType<JobQueue['getBackend']>['client']>

/** Whether a job is tried again is decided by outcomes and age, never by BullMQ's count. A kept stack would cost 1 KB an attempt. */
export const jobOptions: JobsOptions = { attempts: 1_000_000, backoff: { type: 'custom' }, stackTraceLimit: 0 }

/** All queues over one connection; the only place where a BullMQ Queue is made. The connection stays its owner's. */
export class Queues {
  readonly redis: Redis
  readonly #open = new Map<string, JobQueue>()
  #scripted = false

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

  /** BullMQ's view of the connection, with the scripts that we add to its own. */
  async client (): Promise<QueueClient> {
    const client = await this.get('intake').getBackend().client
    if (!this.#scripted) {
      client.defineCommand('batonAdvancePointer', { numberOfKeys: 2, lua: advancePointer })
      client.defineCommand('batonMarkPlaced', { numberOfKeys: 3, lua: markPlaced })
      for (const [name, script] of Object.entries(laneScripts)) client.defineCommand(name, script)
    }
    this.#scripted = true
    return client
  }

  /**
   * Adds deliveries, all or none, and notes which events are placed by them: one MULTI, every reply checked. Events that are to keep
   * the order of their keys go into lanes before that. Adding what is there already changes nothing.
   */
  async addDeliveries (deliveries: readonly Delivery[]): Promise<void> {
    for (const { target, events, ordered } of deliveries) if (ordered === true) await layEvents(this, target, events.filter(hasKey))
    await this.#addJobs(deliveries.flatMap(delivery => {
      const events = delivery.ordered === true ? delivery.events.filter(event => !hasKey(event)) : delivery.events
      return events.length === 0 ? [] : [{ ...delivery, events }]
    }))
  }

  async #addJobs (deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return
    const client = await this.client()
    const jobs = deliveries.map(delivery => {
      const jobId = deliveryJobId(delivery.events.map(({ id }) => id), delivery.rewind)
      const queue = this.get(targetQueue(delivery.target))
      const job = new Job(queue, positionsText(delivery.events), writtenJobData(deliveryData(delivery)), { ...jobOptions, jobId, delay: delivery.delay ?? 0 }, jobId)
      const places = bitPlaces((journal, chunk) => placedKey(journal, delivery.target, chunk), delivery.events)
        .map(({ key, places }) => [queue.toKey(jobId), key, queue.toKey('failed'), jobId, ...places])
      return { delivery, jobId, queue, job, places }
    })
    const multi = client.multi()
    for (const { jobId, queue, job } of jobs) await queue.getBackend().addJobToTransaction(multi, job.asJSON(), jobId)
    for (const { places } of jobs) for (const marks of places) multi.runCommand('batonMarkPlaced', marks)
    const replies = await multi.exec()
    if (replies === null) throw new Error('the transaction was aborted: nothing was added')
    if (replies.some(([error]) => error?.message.includes('NOSCRIPT'))) {
      // Redis forgot its scripts, and in a transaction ioredis does not notice. One by one they are loaded again. What was added is not added twice: it may be done already.
      for (const [at, { delivery, job, places }] of jobs.entries()) {
        if (typeof replies[at]?.[1] !== 'string') await this.get(job.queueName).add(job.name, job.data, job.opts)
        for (const marks of places) if (await client.runCommand('batonMarkPlaced', marks) === dead) await this.#bury(delivery)
      }
      return
    }
    for (const [at, [error, reply]] of replies.entries()) {
      // A script answers a negative number where it refuses; BullMQ's own FlowProducer overlooks both.
      if (error !== null) throw error
      if (at < jobs.length && typeof reply !== 'string') throw new Error(`a delivery was not added: code ${String(reply)}`)
    }
    const marked = replies.slice(jobs.length).map(([, reply]) => reply)
    for (const { delivery, places } of jobs) if (marked.splice(0, places.length).includes(dead)) await this.#bury(delivery)
  }

  /** A repeat of an event whose dead letter is still there has met its fate already: BullMQ adds no job of an id that it has. */
  async #bury ({ target, events, blocks }: Delivery): Promise<void> {
    if (blocks !== true) await markSettled(this.redis, target, events, { dead: true })
  }

  async close (): Promise<void> {
    await Promise.all([...this.#open.values()].map(queue => queue.close()))
  }
}

const hasKey = ({ orderingKey }: JournalledEvent): boolean => orderingKey !== ''

/** Moves the pointer from where it is expected (nothing: '') to where it should be, and only if the job was really added. */
const advancePointer = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`

/** What the script below answers where the job is a dead letter. */
const dead = 2

/** Sets bits only if the job is really there: a bit is a proof that it is on its way, or a dead letter. */
const markPlaced = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
for nth = 2, #ARGV do redis.call('SETBIT', KEYS[2], ARGV[nth], 1) end
if redis.call('ZSCORE', KEYS[3], ARGV[1]) then return ${dead} end
return 1`
