import { createMetrics } from '@baton/runtime'

/** What the worker counts. */
export function workerMetrics () {
  const metrics = createMetrics()
  return {
    text: metrics.text,
    withProcess: metrics.withProcess,
    routed: metrics.counter('baton_events_routed_total', 'Events taken from intake.'),
    duplicates: metrics.counter('baton_events_duplicate_total', 'Events that were routed before, at another position: dropped.'),
    filtered: metrics.counter('baton_events_filtered_total', 'Events that a target did not want.', ['target']),
    events: metrics.counter('baton_delivery_outcomes_total', 'Outcomes of delivery attempts, one for each event: delivered, retry, reject; and dead for those given up.', ['target', 'outcome']),
    seconds: metrics.histogram('baton_delivery_seconds', 'Time of one delivery attempt.', ['target'], [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30])
  }
}

export type WorkerMetrics = ReturnType<typeof workerMetrics>
