import type { JournalledEvent } from '@baton/contracts'
import type { Logger } from '@baton/runtime'
import { backlogOf, jobsIn } from './backlogs.ts'
import type { Delivery } from './delivery.ts'
import { batch, type ForwardSource } from './forwarder.ts'
import { jobVersion, storeEvent } from './job-data.ts'
import { missingIn, positionsText } from './job-positions.ts'
import { lanedBehindGaps, lanedDeliveries, missingInLanes } from './lane-load.ts'
import type { Gap, JournalView, TargetView } from './journal-watch.ts'
import { markRouted, markSettled } from './marks.ts'
import { droppedKey, intakeJobId, intakeQueue, laggingKey, targetQueue } from './names.ts'
import { jobOptions, type Queues } from './queues.ts'
import { registeredTargets, targetLimits, type TargetLimits } from './registered-targets.ts'
import { ringLanes } from './ring-lanes.ts'

/** Limits of a target whose workers have told none yet. */
const usualLimits: TargetLimits = { backlog: 10_000, maxAge: 72 * 3_600_000 }

/** Most events that are dropped in one step. */
const mostDropped = 10_000
/** Most events of one queue that are suspected to be stranded at once. */
const mostSuspects = 10_000
/** ms for which an event must have been on its way before the queue is searched for it. */
const searchAge = 60_000
/** ms between two alerts about dropped events. */
const alertInterval = 10_000

/** What is to be brought to one queue, until the next look. */
interface Plan {
  /** Undefined: what was never routed goes to intake. */
  target: string | undefined
  gaps: Peekable<Gap>
  limits: TargetLimits
  /** Deliveries that may be added. */
  room: number
}

/**
 * Brings targets what Redis holds for them neither as a delivery nor as settled: what routers left out because the target lagged, and
 * whatever was lost on the way. In slices, so that new events are forwarded in between, and never more than half of what may wait.
 */
export class CatchUp {
  readonly #queues: Queues
  readonly #source: ForwardSource
  readonly #log: Logger
  #plans: Plan[] = []
  /** Gaps up to here are dropped: the journal needs their room. */
  #dropTo = 0
  /** Events that were dropped since the last alert: how many, by target and reason. */
  readonly #dropped = new Map<string, { target: string, why: string, events: number }>()
  #toldAt = -Infinity
  readonly #behind = new Set<string>()
  /** Events that are on their way in a queue that was seen to be empty. */
  readonly #suspects = new Map<string, Set<number>>()
  /** Events that were on their way in a queue at some time, and which of them it did not hold when it was last searched. */
  readonly #watched = new Map<string, { seqs: Set<number>, at: number, missing: Set<number> }>()
  readonly #now: () => number

  /** @param now ms on a clock that never goes back */
  constructor (queues: Queues, source: ForwardSource, log: Logger, now: () => number = () => performance.now()) {
    this.#queues = queues
    this.#source = source
    this.#log = log
    this.#now = now
  }

  /** Plans what to bring. @param surplusTo the journal has no room for what is not settled up to here */
  async plan ({ targets, unrouted }: JournalView, surplusTo: number): Promise<void> {
    this.#dropTo = surplusTo
    this.#tellDropped()
    const plans: Plan[] = []
    const lost = await this.#stranded({ queue: intakeQueue }, unrouted())
    if (lost.length > 0) plans.push({ target: undefined, gaps: new Peekable(lost), limits: usualLimits, room: Infinity })
    for (const target of targets) {
      const gaps = new Peekable(both(await this.#stranded({ queue: targetQueue(target.name), target: target.name }, target.placed()), target.gaps()))
      if (gaps.peek() === undefined && !target.lagging) continue
      const known = await targetLimits(this.#queues.redis, target.name)
      const limits = known ?? usualLimits
      // Whether it wants order is not known before one of its workers has told.
      const room = known === undefined ? 0 : Math.floor(limits.backlog / 2) - await this.#underWay(target.name, limits)
      if (gaps.peek() === undefined) await this.#caughtUp(target, room)
      else plans.push({ target: target.name, gaps, limits, room })
    }
    this.#plans = plans
  }

  /** Takes one slice of the plan; false when there is nothing to do until the next look. */
  async step (): Promise<boolean> {
    const [plan] = this.#plans
    if (plan === undefined) return false
    this.#plans.push(...this.#plans.splice(0, 1)) // in turns
    let more = false
    try {
      more = plan.target === undefined ? await this.#routeAgain(plan) : await this.#bring(plan, plan.target)
    } catch (error) {
      this.#log.warn({ err: error, target: plan.target }, 'a target could not be brought what it still awaits; it is tried again') // in a second; new events are not held up
    }
    if (!more) this.#plans = this.#plans.filter(other => other !== plan)
    return true
  }

  /** Deliveries that take room: what waits behind the very gaps that are to be brought takes none, or they would wait for each other. */
  async #underWay (target: string, { ordered }: TargetLimits): Promise<number> {
    const backlog = await backlogOf(this.#queues, target)
    return ordered === true ? backlog - await lanedBehindGaps(this.#queues, target) : backlog
  }

  /**
   * Events that are noted to be on their way in a queue that does not hold them: it was empty after they were last seen there, or was searched for them twice. A Redis that
   * came back without its last writes can leave them so: it took the word of a worker that had finished, and not the work.
   */
  async #stranded ({ queue, target }: { queue: string, target?: string }, numbers: Iterable<number>): Promise<Gap[]> {
    const onTheirWay: number[] = []
    for (const seq of numbers) if (onTheirWay.push(seq) === mostSuspects) break
    const before = this.#suspects.get(queue)
    const empty = onTheirWay.length > 0 && await jobsIn(this.#queues, queue) === 0 && (target === undefined || await lanedDeliveries(this.#queues, target) === 0) // after they were seen
    this.#suspects.set(queue, new Set(empty ? onTheirWay : []))
    const lost = await this.#searchedFor(queue, target, onTheirWay)
    const stranded = onTheirWay.filter(seq => before?.has(seq) === true || lost.has(seq))
    if (stranded.length > 0) this.#log.error({ queue, events: stranded.length, alert: 'EVENTS_STRANDED' }, 'a queue has lost events that were in it; they are brought again from the journal')
    return stranded.map(seq => ({ seq, revived: false }))
  }

  /** Once in a while, which of them were missing at two searches in a row. */
  async #searchedFor (queue: string, target: string | undefined, onTheirWay: readonly number[]): Promise<ReadonlySet<number>> {
    const watched = this.#watched.get(queue)
    const now = this.#now()
    if (watched !== undefined && now - watched.at < searchAge) return new Set()
    const old = onTheirWay.filter(seq => watched?.seqs.has(seq))
    let missing = old.length === 0 ? new Set<number>() : await missingIn(this.#queues, queue, this.#source.id, old)
    if (target !== undefined && missing.size > 0) missing = await missingInLanes(this.#queues, target, this.#source.id, missing)
    this.#watched.set(queue, { seqs: new Set(onTheirWay), at: now, missing })
    return new Set([...missing].filter(seq => watched?.missing.has(seq)))
  }

  /** Brings into intake what was lost before it was routed. */
  async #routeAgain ({ gaps }: Plan): Promise<boolean> {
    const first = gaps.peek()
    if (first === undefined) return false
    const entries = this.#source.read(first.seq - 1, batch)
    const end = entries.at(-1)?.seq ?? first.seq
    const wanted = new Set([...gaps.while(({ seq }) => seq <= end)].map(({ seq }) => seq))
    const events = entries.flatMap(({ seq, event }) => wanted.delete(seq) ? [storeEvent({ ...event, journal: this.#source.id, seq })] : [])
    if (wanted.size > 0) await this.#giveUp([...wanted])
    if (events.length > 0) {
      const jobId = intakeJobId(this.#source.id, first.seq, end)
      await this.#queues.get(intakeQueue).add(positionsText(events), { v: jobVersion, events, again: true }, { ...jobOptions, jobId })
    }
    return true
  }

  async #caughtUp ({ name }: TargetView, room: number): Promise<void> {
    if (room <= 0) return
    await this.#queues.redis.hdel(laggingKey, name)
    this.#behind.delete(name)
    this.#log.info({ target: name }, 'the target has caught up')
  }

  /** False when nothing is left to bring, or no room for it. */
  async #bring (plan: Plan, target: string): Promise<boolean> {
    if (await this.#dropSurplus(plan, target)) return true
    const first = plan.gaps.peek()
    if (first === undefined) return false
    const entries = this.#source.read(first.seq - 1, batch)
    const end = entries.at(-1)?.seq ?? first.seq
    const gaps = plan.gaps.while(gap => gap.revived === first.revived && gap.seq >= first.seq && gap.seq <= end)
    const here = new Map(entries.map(({ seq, event }) => [seq, event]))
    const found: JournalledEvent[] = []
    const gone: Gap[] = []
    const tooOld: Gap[] = []
    for (const gap of gaps) {
      const event = here.get(gap.seq)
      if (event === undefined) gone.push(gap)
      else if (!gap.revived && event.receivedAt + plan.limits.maxAge < Date.now()) tooOld.push(gap)
      else found.push({ ...event, journal: this.#source.id, seq: gap.seq })
    }
    if (gone.length > 0) await this.#drop(target, gone, 'the journal no longer has them')
    if (tooOld.length > 0) await this.#drop(target, tooOld, 'they have reached their maximum age')
    if (found.length === 0) return true
    if (plan.room <= 0) return false
    const since = first.revived ? Date.now() : Math.min(...found.map(({ receivedAt }) => receivedAt))
    const ordered = plan.limits.ordered === true
    const delivery: Delivery = { target, events: found, since, attempts: 0, ...(first.revived && { revived: true }), ...(ordered && { ordered }) }
    await this.#queues.addDeliveries(ordered && first.revived ? found.map(event => buriedAgain(delivery, event)) : [delivery])
    if (ordered) await ringLanes(this.#queues, target, this.#source.id)
    plan.room -= 1
    if (!this.#behind.has(target)) this.#log.info({ target, from: first.seq }, 'a target is brought from the journal what it still awaits')
    this.#behind.add(target)
    return true
  }

  /** Drops what the journal has no room for; true when there was something. */
  async #dropSurplus ({ gaps }: Plan, target: string): Promise<boolean> {
    const surplus: Gap[] = []
    for (const gap of gaps.while(({ seq, revived }) => !revived && seq <= this.#dropTo && surplus.length < mostDropped)) surplus.push(gap)
    if (surplus.length === 0) return false
    await this.#drop(target, surplus, 'the journal has no room left for them')
    return true
  }

  /** Events that the journal has forgotten, or that cannot be read, before they were routed: nobody waits for them any more. */
  async #giveUp (seqs: readonly number[]): Promise<void> {
    const positions = seqs.map(seq => ({ journal: this.#source.id, seq }))
    const targets = await registeredTargets(this.#queues.redis)
    await markRouted(this.#queues.redis, positions, new Map(targets.map(target => [target, positions])))
    for (const target of targets) await this.#countDropped(target, seqs.length, 'the journal no longer has them')
  }

  async #drop (target: string, gaps: readonly Gap[], why: string): Promise<void> {
    await markSettled(this.#queues.redis, target, gaps.map(({ seq }) => ({ journal: this.#source.id, seq })), { revived: gaps[0]?.revived === true })
    await this.#countDropped(target, gaps.length, why)
  }

  async #countDropped (target: string, events: number, why: string): Promise<void> {
    await this.#queues.redis.hincrby(droppedKey, target, events)
    const key = `${target} ${why}`
    this.#dropped.set(key, { target, why, events: events + (this.#dropped.get(key)?.events ?? 0) })
  }

  /** The first at once, then one line for all of them in a while. */
  #tellDropped (): void {
    if (this.#dropped.size === 0 || performance.now() - this.#toldAt < alertInterval) return
    this.#toldAt = performance.now()
    for (const { target, why, events } of this.#dropped.values()) {
      this.#log.error({ target, events, why, alert: 'EVENTS_DROPPED' }, 'events were dropped for a target that did not take them for too long; it will never get them')
    }
    this.#dropped.clear()
  }
}

/** A dead letter that Redis has lost, of a target that wants order: it is one again with no attempt, as only an operator may let it come after what followed it. */
const buriedAgain = (delivery: Delivery, event: JournalledEvent): Delivery =>
  ({ ...delivery, events: [event], ordered: false, rejected: 'dead_before: it was a dead letter before Redis lost its data' })

/** One after the other. */
function * both<T> (first: Iterable<T>, second: Iterable<T>): Generator<T, void> {
  yield * first
  yield * second
}

/** An iteration that can be looked into and gone on with. */
class Peekable<T> {
  readonly #items: Iterator<T>
  #next: IteratorResult<T, unknown>

  constructor (items: Iterable<T>) {
    this.#items = items[Symbol.iterator]()
    this.#next = this.#items.next()
  }

  peek (): T | undefined {
    return this.#next.done === true ? undefined : this.#next.value
  }

  /** Those from here on for which it holds; the first for which it does not stays. */
  * while (holds: (item: T) => boolean): Generator<T> {
    while (this.#next.done !== true && holds(this.#next.value)) {
      const { value } = this.#next
      this.#next = this.#items.next()
      yield value
    }
  }
}
