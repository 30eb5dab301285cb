import type { Event } from '@baton/contracts'
import { Job } from 'bullmq'
import { jobVersion, storeEvent, type JobData } from './job-data.ts'
import { intakeJobId, intakeQueue, pointerKey, prefix } from './names.ts'
import { jobOptions, type JobQueue, type Queues } from './queues.ts'

/** A journal, as the forwarder needs it. */
export interface ForwardSource {
  readonly id: string
  /** The highest sequence number that is on disk. */
  flushed: () => number
  /** Every event up to this one is settled for all targets. */
  settledTo: () => number
  read: (after: number, limit: { count: number, bytes: number }) => { seq: number, event: Event }[]
}

/** What one step did. */
export type ForwardStep =
  | { kind: 'forwarded', events: number, to: number }
  /** Everything is forwarded, and Redis agrees. */
  | { kind: 'idle' }
  /** Redis holds another position than we thought; the next step continues from there. */
  | { kind: 'resynced', position: number, lost: boolean }
  /** Redis knows of events that the journal has not: its volume was rolled back. */
  | { kind: 'ahead', position: number }

/** Most events and bytes in one job: beyond, nothing is gained, and Redis would stand still for others. */
const batch = { count: 100, bytes: 65_536 }

/**
 * Moves events from a journal into intake. How far it came is kept in Redis alone, and advances in the transaction that adds the
 * job: a Redis that loses data loses the advance with it, and the forwarder simply continues from what Redis holds.
 */
export class Forwarder {
  readonly #queues: Queues
  readonly #intake: JobQueue
  readonly #source: ForwardSource
  #ready = false
  #position: number | undefined
  /** What Redis holds where nothing happened meanwhile; '' for nothing. */
  #expected = ''
  /** The pointer advanced with a job that was not added after all: where it must be put back to, and what is left of the job. */
  #takeBack: { pointer: string, job: string } | undefined
  /** Events up to here were in a Redis that lost its data, and may have been delivered. */
  #again = 0

  constructor (queues: Queues, source: ForwardSource) {
    this.#queues = queues
    this.#intake = queues.get(intakeQueue)
    this.#source = source
  }

  /** Up to where Redis has the events; undefined while that is not known. */
  get position (): number | undefined {
    return this.#position
  }

  /** Forwards one batch, or finds out where Redis is. Throws what Redis answers; the next step then asks again. */
  async step (): Promise<ForwardStep> {
    try {
      await this.#undo()
      if (this.#position === undefined) return await this.#sync()
      const entries = this.#source.flushed() > this.#position ? this.#source.read(this.#position, batch) : []
      const last = entries.at(-1)
      if (last === undefined) return await this.#compare()
      if (!await this.#push(entries, this.#position, last.seq)) {
        this.#position = undefined
        return await this.#sync()
      }
      this.#position = last.seq
      this.#expected = String(last.seq)
      return { kind: 'forwarded', events: entries.length, to: last.seq }
    } catch (error) {
      this.#position = undefined // whether the transaction was carried out is not known
      throw error
    }
  }

  async #undo (): Promise<void> {
    if (this.#takeBack === undefined) return
    const { pointer, job } = this.#takeBack
    const key = pointerKey(this.#source.id)
    await (pointer === '' ? this.#queues.redis.del(key) : this.#queues.redis.set(key, pointer))
    await this.#queues.redis.del(job)
    this.#takeBack = undefined
  }

  /** Nothing to forward: has Redis lost anything meanwhile? */
  async #compare (): Promise<ForwardStep> {
    return await this.#held() === this.#expected ? { kind: 'idle' } : await this.#sync()
  }

  async #sync (): Promise<ForwardStep> {
    const held = await this.#held()
    const flushed = this.#source.flushed()
    if (Number(held) > flushed) return { kind: 'ahead', position: Number(held) }
    // A journal that was never forwarded has no pointer either; then nothing is lost.
    const lost = held === '' && (this.#expected !== '' || this.#source.settledTo() > 0)
    if (lost) this.#again = flushed
    this.#expected = held
    this.#position = held === '' ? this.#source.settledTo() : Number(held)
    return { kind: 'resynced', position: this.#position, lost }
  }

  async #held (): Promise<string> {
    return await this.#queues.redis.get(pointerKey(this.#source.id)) ?? ''
  }

  /** True when the job is in intake and the pointer stands at `to`; false when Redis held another position than expected. */
  async #push (entries: { seq: number, event: Event }[], position: number, to: number): Promise<boolean> {
    const { id } = this.#source
    const jobId = intakeJobId(id, position + 1, to)
    const data: JobData = {
      v: jobVersion,
      events: entries.map(({ seq, event }) => storeEvent({ ...event, journal: id, seq })),
      ...(to <= this.#again && { again: true })
    }
    const job = new Job<JobData, void, string>(this.#intake, 'events', data, { ...jobOptions, jobId }, jobId)
    const backend = this.#intake.getBackend()
    const client = await backend.client
    if (!this.#ready) client.defineCommand('batonAdvancePointer', { numberOfKeys: 2, lua: advancePointer })
    this.#ready = true
    const jobKey = `${prefix}:${intakeQueue}:${jobId}`
    const advance = [pointerKey(id), jobKey, this.#expected, to]

    const multi = client.multi()
    await backend.addJobToTransaction(multi, job.asJSON(), jobId)
    multi.runCommand('batonAdvancePointer', advance)
    const replies = await multi.exec()
    if (replies === null) throw new Error('the transaction was aborted: nothing was added')
    const refused = replies.find(([error]) => error !== null)?.[0]
    if (refused?.message.includes('NOSCRIPT')) {
      // Each by itself, they load their scripts again; the pointer follows only a job that is there, so the order is safe.
      await this.#intake.add('events', data, { ...jobOptions, jobId })
      return await client.runCommand('batonAdvancePointer', advance) === 1
    }
    const added = typeof replies[0]?.[1] === 'string'
    // A script that fails halfway (a key of the queue was overwritten) leaves a job that nobody will take.
    if (!added && replies[1]?.[1] === 1) this.#takeBack = { pointer: this.#expected, job: jobKey }
    if (refused !== undefined && refused !== null) throw refused
    if (!added) throw new Error(`intake refused a job: code ${String(replies[0]?.[1])}`)
    return replies[1]?.[1] === 1
  }
}

/** Moves the pointer from where it is expected (nothing: '') to where it should be, and only if the job was really added. */
const advancePointer = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`
