import { restoreEvent, type Delivery, type JobInHand, type Queues, type Verdict } from '@baton/queue'
import type { ConfiguredTarget } from '@baton/targets'
import type { WorkerMetrics } from './worker-metrics.ts'

/** Routes the events of an intake job: one delivery for each target that wants some of them, all added in one transaction. */
export async function route (job: JobInHand, { targets, queues, metrics }: { targets: readonly ConfiguredTarget[], queues: Queues, metrics: WorkerMetrics }): Promise<Verdict> {
  const events = job.data.events.map(restoreEvent)
  const since = Date.now()
  const deliveries = targets.flatMap(({ name, wants }): Delivery[] => {
    const wanted = events.filter(({ command }) => wants(command))
    return wanted.length === 0 ? [] : [{ target: name, events: wanted, since, attempts: 0 }]
  })
  await queues.addDeliveries(deliveries)
  metrics.routed.inc(events.length)
  for (const { name, wants } of targets) metrics.filtered.inc({ target: name }, events.filter(({ command }) => !wants(command)).length)
  return { kind: 'done' }
}
