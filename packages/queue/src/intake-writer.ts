import { Job } from 'bullmq'
import { writtenJobData, type JobData } from './job-data.ts'
import { positionsText } from './job-positions.ts'
import { intakeQueue } from './names.ts'
import { jobOptions, type JobQueue, type Queues } from './queues.ts'

/** What Redis holds of how far a journal was read for some purpose, and how it is to move with a job. */
export interface PointerMove {
  key: string
  /** What Redis holds where nothing happened meanwhile; '' for nothing. */
  expected: string
  to: string
}

/** Adds jobs to intake, each in one transaction with the pointer that says so: both are there, or none. */
export class IntakeWriter {
  readonly #queues: Queues
  readonly #intake: JobQueue
  /** A pointer that advanced with a job that was not added after all: where it must be put back to, and what is left of the job. */
  #takeBack: { key: string, pointer: string, job: string } | undefined

  constructor (queues: Queues) {
    this.#queues = queues
    this.#intake = queues.get(intakeQueue)
  }

  /** True when the job is in intake and the pointer stands at `to`; false when Redis held another position than expected. */
  async push (jobId: string, data: JobData, { key, expected, to }: PointerMove): Promise<boolean> {
    await this.settle()
    const job = new Job<JobData, void, string>(this.#intake, positionsText(data.events), writtenJobData(data), { ...jobOptions, jobId }, jobId)
    const client = await this.#queues.client()
    const jobKey = this.#intake.toKey(jobId)
    const advance = [key, jobKey, expected, to]

    const multi = client.multi()
    await this.#intake.getBackend().addJobToTransaction(multi, job.asJSON(), jobId)
    multi.runCommand('batonAdvancePointer', advance)
    const replies = await multi.exec()
    if (replies === null) throw new Error('the transaction was aborted: nothing was added')
    const refused = replies.find(([error]) => error !== null)?.[0]
    if (refused?.message.includes('NOSCRIPT')) {
      // Each by itself, they load their scripts again; the pointer follows only a job that is there, so the order is safe.
      if (typeof replies[0]?.[1] !== 'string') await this.#intake.add(job.name, data, { ...jobOptions, jobId })
      return await client.runCommand('batonAdvancePointer', advance) === 1
    }
    const added = typeof replies[0]?.[1] === 'string'
    // A script that fails halfway (a key of the queue was overwritten) leaves a job that nobody will take.
    if (!added && replies[1]?.[1] === 1) this.#takeBack = { key, pointer: expected, job: jobKey }
    if (refused !== undefined && refused !== null) throw refused
    if (!added) throw new Error(`intake refused a job: code ${String(replies[0]?.[1])}`)
    return replies[1]?.[1] === 1
  }

  /** Takes back what was left half done. To be called before a pointer is read. */
  async settle (): Promise<void> {
    if (this.#takeBack === undefined) return
    const { key, pointer, job } = this.#takeBack
    await (pointer === '' ? this.#queues.redis.del(key) : this.#queues.redis.set(key, pointer))
    await this.#queues.redis.del(job)
    this.#takeBack = undefined
  }
}
