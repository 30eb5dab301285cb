import { claimEvents, deadAmong, markRouted, replayDeadLetter, restoreEvent, settledAmong, type Backlogs, type Delivery, type JobInHand, type Queues, type Retirement, type TailPublisher, type Verdict } from '@baton/queue'
import type { ConfiguredTarget } from '@baton/targets'
import type { FilterLog } from './filter-log.ts'
import { Wishes } from './wishes.ts'
import type { WorkerMetrics } from './worker-metrics.ts'

export interface RouteOptions {
  targets: readonly ConfiguredTarget[]
  /** Of the relay file that names them. */
  version: string
  /** Targets that get nothing new. */
  retirements: () => ReadonlyMap<string, Retirement>
  /** Told that routers route by another relay file. */
  stale: () => void
  /** The names of all targets whose outcomes somebody waits for, those that this worker does not know included. */
  registered: () => Promise<string[]>
  backlogs: Backlogs
  queues: Queues
  /** Told of journals whose events of an ordered target were routed. */
  ring: (target: string, journal: string) => void
  tail: Pick<TailPublisher, 'publish'>
  metrics: WorkerMetrics
  filterLog: FilterLog
}

/**
 * Routes the events of an intake job: one delivery for each target that wants some of them, all added in one transaction. Only then
 * the events are noted as routed, and only then the job is done: a crash in between repeats, and never loses.
 * A target that lags gets no delivery: the journal sees that its event is neither placed nor settled, and brings it later.
 */
export async function route (job: JobInHand, options: RouteOptions): Promise<Verdict> {
  if (job.data.rewind !== undefined) return await routeOnceMore(job, job.data.rewind, options)
  const { version, registered, backlogs, queues, ring, tail, metrics, filterLog } = options
  const retirements = options.retirements()
  const targets = options.targets.filter(({ name }) => !retirements.has(name))
  const events = job.data.events.map(restoreEvent)
  const sighted = await claimEvents(queues.redis, events)
  const again = job.data.again === true // the events were in a Redis that has lost its data
  const duplicates = events.filter((_, at) => sighted[at] === 'duplicate')
  const own = events.filter((_, at) => sighted[at] !== 'duplicate')
  // A claim is no proof of a delivery: whoever made it may have died, or Redis come back without its last writes. Only a settled mark is.
  const doubtful = new Set(events.filter((_, at) => sighted[at] === 'claimed' || again))
  const wishes = new Wishes(own, { metrics, filterLog })
  const lagging = await backlogs.lagging()
  const since = Date.now()

  const deliveries: Delivery[] = []
  for (const target of targets) {
    const { name, ordering } = target
    if (lagging.has(name)) continue
    const wanted = [...wishes.of(target)]
    const had = await settledAmong(queues.redis, name, wanted.filter(event => doubtful.has(event)))
    const due = wanted.filter(event => !had.has(event))
    if (due.length > 0) deliveries.push({ target: name, events: due, since, attempts: 0, ordered: ordering !== undefined })
  }
  await queues.addDeliveries(deliveries)
  const names = new Set([...await registered(), ...targets.map(({ name }) => name)]) // our own too: a Redis that has just lost its data knows none
  const settled = new Map([...names].map(name => {
    const target = targets.find(target => target.name === name)
    const wanted = target === undefined ? undefined : wishes.of(target)
    return [name, [...duplicates, ...own.filter(event => wanted?.has(event) !== true)]]
  }))
  if (!await markRouted(queues.redis, events, settled, version)) { // last: from now on the journal takes what is neither placed nor settled for lost
    options.stale()
    return { kind: 'back' } // whoever routes by the active one finds what we have added; it is added once
  }
  for (const { name, ordering } of targets) if (ordering !== undefined) for (const journal of new Set(events.map(({ journal }) => journal))) ring(name, journal)
  await tail.publish(own.filter(event => !doubtful.has(event)))
  for (const [target, { length }] of settled) metrics.filtered.inc({ target }, length - duplicates.length)
  metrics.routed.inc(own.length)
  metrics.duplicates.inc(duplicates.length)
  return { kind: 'done' }
}

/** Routes events that an operator wants to be delivered again, whatever became of them. */
async function routeOnceMore (job: JobInHand, rewind: string, { targets, retirements, queues, metrics, filterLog }: RouteOptions): Promise<Verdict> {
  const events = job.data.events.map(restoreEvent)
  const since = Date.now()
  const wishes = new Wishes(events, { metrics, filterLog })
  const deliveries: Delivery[] = []
  for (const target of targets) {
    const { name } = target
    if ((job.data.only !== undefined && job.data.only !== name) || retirements().has(name)) continue
    const wanted = [...wishes.of(target)]
    const dead = await deadAmong(queues.redis, name, wanted)
    const replayed = new Set<string>()
    for (const { id } of dead) if (await replayDeadLetter(queues, name, id)) replayed.add(id)
    const due = wanted.filter(({ id }) => !replayed.has(id))
    if (due.length > 0) deliveries.push({ target: name, events: due, since, attempts: 0, rewind })
  }
  await queues.addDeliveries(deliveries)
  return { kind: 'done' }
}
