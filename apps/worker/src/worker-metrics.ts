import { createMetrics, type Sample } from '@baton/runtime'
import type { FailureLog } from './failure-log.ts'
import type { QueueFigures } from './queue-figures.ts'

export interface MeasuredWorker {
  /** Those that it delivers to at the moment. */
  targets: () => readonly { name: string, failures: Pick<FailureLog, 'failingSince'> }[]
  /** For how many ms another relay file has been active than this worker's, and whether its own has changed to one that it will not take. */
  relayFile: () => { staleFor: number, isRefused: boolean }
  /** What Redis holds; undefined while it does not tell. */
  figures: () => Promise<QueueFigures | undefined>
}

const states = ['waiting', 'delayed', 'active', 'dead'] as const

/** What the worker counts and sees. */
export function workerMetrics ({ targets, relayFile, figures }: MeasuredWorker) {
  const metrics = createMetrics()
  const ofFigures = <L extends string>(read: (figures: QueueFigures) => Sample<L>[]) => async () => {
    const found = await figures()
    return found === undefined ? [] : read(found)
  }
  const secondsSince = (time: number | undefined) => time === undefined ? 0 : Math.max(0, (Date.now() - time) / 1_000)

  metrics.gauges('baton_redis_answers', 'Whether Redis told what the queues hold: 1, or 0 where it is away or hangs; then the figures of queues and quarantines are left out.', [],
    async () => [{ labels: {}, value: await figures() === undefined ? 0 : 1 }])
  metrics.gauges('baton_intake_jobs', 'Jobs in intake, each of up to 100 events, by state. All workers tell the same.', ['state'],
    ofFigures(({ depths }) => depths.flatMap(depth => depth.target === undefined ? states.map(state => ({ labels: { state }, value: depth[state] })) : [])))
  metrics.gauges('baton_deliveries', 'Deliveries of a target, by state: waiting, delayed until their next attempt, active, dead. All workers tell the same.', ['target', 'state'],
    ofFigures(({ depths }) => depths.flatMap(({ target, ...depth }) => target === undefined ? [] : states.map(state => ({ labels: { target, state }, value: depth[state] })))))
  metrics.gauges('baton_oldest_due_seconds', 'Age of the delivery that a target is tried with next, 0 where none is due. All workers tell the same.', ['target'],
    ofFigures(({ depths, oldestDue }) => depths.flatMap(({ target }) => target === undefined ? [] : [{ labels: { target }, value: secondsSince(oldestDue.get(target)) }])))
  metrics.gauges('baton_target_lagging_seconds', 'For how long a target has got no more deliveries, as its backlog had passed its cap; 0 where it gets them. All workers tell the same.', ['target'],
    ofFigures(({ states }) => [...states].map(([target, { laggingSince }]) => ({ labels: { target }, value: secondsSince(laggingSince) }))))
  metrics.gauges('baton_target_parked_seconds', 'For how long a target has only been probed now and then, as it failed again and again; 0 where it is not parked. All workers tell the same.', ['target'],
    ofFigures(({ states }) => [...states].map(([target, { parkedSince }]) => ({ labels: { target }, value: secondsSince(parkedSince) }))))
  metrics.gauges('baton_target_paused', 'Whether an operator has a target paused: 1, or 0. All workers tell the same.', ['target'],
    ofFigures(({ states }) => [...states].map(([target, { pausedSince }]) => ({ labels: { target }, value: pausedSince === undefined ? 0 : 1 }))))
  metrics.gauges('baton_target_dropped_events', 'Events that were dropped for a target, ever. All workers tell the same.', ['target'],
    ofFigures(({ states }) => [...states].map(([target, { dropped }]) => ({ labels: { target }, value: dropped }))))
  metrics.gauges('baton_target_laned_events', 'Events that wait in the lanes of an ordered target. All workers tell the same.', ['target'],
    ofFigures(({ states }) => [...states].map(([target, { laned }]) => ({ labels: { target }, value: laned }))))
  metrics.gauges('baton_target_blocked_keys', 'Keys of an ordered target that wait until an operator replays or drops an event. All workers tell the same.', ['target'],
    ofFigures(({ states }) => [...states].map(([target, { blocked }]) => ({ labels: { target }, value: blocked }))))
  metrics.gauges('baton_quarantine_entries', 'Callbacks in quarantine. All workers tell the same.', ['quarantine'],
    ofFigures(({ quarantined }) => [...quarantined].map(([quarantine, value]) => ({ labels: { quarantine }, value }))))
  metrics.gauges('baton_target_failing_seconds', 'For how long attempts at a target have failed in this worker, 0 since the last that succeeded.', ['target'],
    () => targets().map(({ name, failures }) => ({ labels: { target: name }, value: secondsSince(failures.failingSince()) })))

  metrics.gauges('baton_relay_file_stale_seconds', 'For how long another relay file has been active than the one of this worker, which routes nothing meanwhile; 0 where it is its own.', [],
    () => [{ labels: {}, value: relayFile().staleFor / 1_000 }])
  metrics.gauges('baton_relay_file_refused', 'Whether the relay file has changed to one that this worker does not take: 1, or 0.', [],
    () => [{ labels: {}, value: relayFile().isRefused ? 1 : 0 }])

  const counted = {
    text: metrics.text,
    described: metrics.described,
    withProcess: metrics.withProcess,
    routed: metrics.counter('baton_events_routed_total', 'Events taken from intake.'),
    duplicates: metrics.counter('baton_events_duplicate_total', 'Events that were routed before, at another position: dropped.'),
    filtered: metrics.counter('baton_events_filtered_total', 'Events that a target did not want.', ['target']),
    unclear: metrics.counter('baton_filter_unclear_events_total', 'Events for which the filter of a target could not be evaluated; they are filtered.', ['target']),
    events: metrics.counter('baton_delivery_outcomes_total', 'Outcomes of delivery attempts, one for each event: delivered, retry, reject; and dead for those given up.', ['target', 'outcome']),
    settled: metrics.counter('baton_events_settled_total', 'Events whose way to a target ended: delivered, or dead.', ['target']),
    inHand: metrics.level('baton_deliveries_in_hand', 'Deliveries of a target that this worker has in hand.', ['target']),
    seconds: metrics.histogram('baton_delivery_seconds', 'Time of one delivery attempt.', ['target'], [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30])
  }
  return {
    ...counted,
    /** Begins the figures of a target at 0, so that the first of each is an increase. */
    expect: (target: string) => {
      for (const counter of [counted.filtered, counted.unclear, counted.settled, counted.inHand]) counter.inc({ target }, 0)
      for (const outcome of ['delivered', 'retry', 'reject', 'dead']) counted.events.inc({ target, outcome }, 0)
    }
  }
}

export type WorkerMetrics = ReturnType<typeof workerMetrics>
