import type { JournalledEvent } from '@baton/contracts'
import { LaneHold, ringLane, type JobInHand, type Verdict } from '@baton/queue'
import { attemptWithLeave } from './attempt-with-leave.ts'
import type { DeliverOptions } from './deliver.ts'
import { settle } from './settle.ts'

/** Events of a lane that a worker has in hand at once. */
const atOnce = 20
/** ms between two notes of what was delivered: so much of a lane is delivered again where its worker is killed. */
const settleInterval = 10
/** ms after which a lane makes room for others. */
const turn = 1_000

export interface OrderedOptions extends DeliverOptions {
  /** After so many deaths of workers that had it in hand, an event is given up: it may be what kills them. */
  mostDeaths: number
}

/** Delivers what stands in a lane, one event after the other. What fails is tried again, or given up, before anything that comes after it. */
export async function deliverInOrder (job: JobInHand, lane: string, options: OrderedOptions): Promise<Verdict> {
  const { queues, settings: { name } } = options
  const hold = await LaneHold.take(queues, name, lane, atOnce)
  if (hold === undefined) return { kind: 'done' }
  try {
    const verdict = await new LaneWork(job, lane, hold, options).run()
    if (verdict.kind !== 'lost') return verdict
    return { kind: 'back' } // somebody else has the lane, or Redis does not know us any more: whoever takes it next begins with what stands first
  } catch (error) {
    await hold.release().catch(() => {})
    throw error
  }
}

/** How it goes on with a lane: undefined, with the next event. */
type Course = Verdict | { kind: 'lost' } | undefined

class LaneWork {
  readonly #job: JobInHand
  readonly #lane: string
  readonly #hold: LaneHold
  readonly #options: OrderedOptions
  /** Delivered, and not noted as that. */
  readonly #delivered: JournalledEvent[] = []
  #settledAt = performance.now()
  /** To be delivered next. */
  #events: JournalledEvent[]
  /** Of the first of these: attempts that failed, and when the first was due. */
  #attempts: number
  #since: number

  constructor (job: JobInHand, lane: string, hold: LaneHold, options: OrderedOptions) {
    this.#job = job
    this.#lane = lane
    this.#hold = hold
    this.#options = options
    this.#events = hold.events
    this.#attempts = hold.head.attempts
    this.#since = hold.head.since ?? Date.now()
  }

  async run (): Promise<Exclude<Course, undefined>> {
    const { rejected, deaths } = this.#hold.head
    const [first] = this.#events
    const reason = rejected ?? (deaths >= this.#options.mostDeaths ? `killed_workers: ${deaths} workers died with it in hand` : undefined)
    let course = first !== undefined && reason !== undefined ? await this.#giveUp(first, { reason }) : undefined
    // A job that outlived a worker is under suspicion; a new one is not.
    for (const until = performance.now() + (this.#job.resumed ? 0 : turn); course === undefined && this.#events.length > 0;) {
      course = await this.#deliverSome() ?? (performance.now() > until ? await this.#makeRoom() : undefined)
    }
    return course ?? { kind: 'done' }
  }

  /** As many as there is leave for. */
  async #deliverSome (): Promise<Course> {
    const leave = await this.#options.gatekeeper.admit(this.#events.length, this.#job.signal)
    if (leave.kind === 'shut') return await this.#letGo({ kind: this.#job.signal.aborted ? 'back' : 'shut' })
    for (const event of this.#events.slice(0, leave.events)) {
      const course = await this.#deliver(event, leave.kind)
      if (course !== undefined) return course
    }
    return this.#events.length === 0 ? await this.#settleDelivered(atOnce) : undefined
  }

  async #deliver (event: JournalledEvent, leave: 'go' | 'probe'): Promise<Course> {
    const { settings, metrics } = this.#options
    const { signal } = this.#job
    const [outcome] = await attemptWithLeave([event], { leave, delivery: event.id, attempt: this.#attempts + 1, letGo: signal }, this.#options)
    if (outcome?.kind === 'delivered') {
      metrics.settled.inc({ target: settings.name })
      this.#delivered.push(event)
      this.#next()
      if (signal.aborted) return await this.#letGo({ kind: 'back' })
      const isSuspect = this.#hold.head.deaths > 0 // what stands first is to be what is in hand
      const isDue = isSuspect || performance.now() - this.#settledAt > settleInterval
      return isDue && this.#events.length > 0 ? await this.#settleDelivered(0) : undefined // with the last one, the next are asked for
    }
    const lost = await this.#settleDelivered(0)
    if (lost !== undefined) return lost
    const isOver = this.#since + settings.retry.maxAge <= Date.now()
    if (outcome?.kind === 'retry' && (signal.aborted || (leave === 'probe' && !isOver))) return await this.#letGo({ kind: 'back' })
    const delivery = { target: settings.name, events: [event], since: this.#since, attempts: this.#attempts }
    const { verdict } = settle(delivery, [outcome], settings.retry)
    if (verdict.kind === 'dead') {
      this.#attempts += 1
      return await this.#giveUp(event, verdict)
    }
    await this.#hold.release({ event, attempts: this.#attempts + 1, since: this.#since })
    return verdict
  }

  /** Makes the event a dead letter. What follows it goes on, or waits for an operator. */
  async #giveUp (event: JournalledEvent, { reason, answer }: { reason: string, answer?: string | undefined }): Promise<Course> {
    const { queues, settings: { name, ordering }, log } = this.#options
    const blocks = ordering?.onFailure === 'block'
    const fate = { since: this.#since, attempts: this.#attempts }
    if (!await this.#hold.condemn({ event, reason, ...fate })) return { kind: 'lost' }
    await queues.addDeliveries([{ target: name, events: [event], rejected: reason, answer, ...fate, ...(blocks && { blocks }) }])
    if (blocks) {
      await this.#hold.block(event)
      log.error({ target: name, event: event.id, command: event.command, reason, alert: 'KEY_BLOCKED' }, 'the events of a key wait until somebody decides about one of them: send it again with `baton dead replay`, or leave it out with `baton dead drop`')
      return { kind: 'done' }
    }
    this.#next()
    const events = await this.#hold.settle([event], atOnce, { dead: true })
    if (events === undefined) return { kind: 'lost' }
    this.#events = events
    return undefined
  }

  #next (): void {
    this.#events = this.#events.slice(1)
    this.#attempts = 0
    this.#since = Date.now()
  }

  /** Notes what was delivered. @param next how many events to take in hand after that, where none are left */
  async #settleDelivered (next: number): Promise<Course> {
    const settled = this.#delivered.splice(0)
    if (settled.length === 0) return undefined
    const events = await this.#hold.settle(settled, next)
    this.#settledAt = performance.now()
    if (events === undefined) return { kind: 'lost' }
    if (next > 0) this.#events = events
    return undefined
  }

  async #makeRoom (): Promise<Course> {
    if (this.#events.length === 0) return undefined
    await ringLane(this.#options.queues, this.#options.settings.name, this.#lane)
    return await this.#letGo({ kind: 'done' })
  }

  async #letGo (verdict: Verdict): Promise<Course> {
    const lost = await this.#settleDelivered(0)
    if (lost !== undefined) return lost
    await this.#hold.release()
    return verdict
  }
}
