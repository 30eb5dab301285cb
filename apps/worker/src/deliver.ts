import { deliveryOf, markSettled, type Delivery, type JobInHand, type Queues, type Verdict } from '@baton/queue'
import type { Logger } from '@baton/runtime'
import type { ConfiguredTarget, Outcome } from '@baton/targets'
import { attemptWithLeave } from './attempt-with-leave.ts'
import type { Calls } from './calls.ts'
import type { FailureLog } from './failure-log.ts'
import type { Gatekeeper } from './gatekeeper.ts'
import { settle, takenApart, type Settlement } from './settle.ts'
import type { WorkerMetrics } from './worker-metrics.ts'

export interface DeliverOptions {
  settings: ConfiguredTarget
  calls: Calls
  gatekeeper: Gatekeeper
  queues: Queues
  metrics: WorkerMetrics
  failures: FailureLog
  log: Logger
}

/** Makes one attempt at a delivery and settles it. */
export async function deliver (job: JobInHand, options: DeliverOptions): Promise<Verdict> {
  const { settings, queues, metrics, log } = options
  const delivery = deliveryOf(settings.name, job.data, job.attemptsMade)
  const { verdict, splits } = await settlement(job, delivery, options)
  await queues.addDeliveries(splits)
  const settled = settledBy(delivery, verdict, splits)
  await markSettled(queues.redis, settings.name, settled, { dead: verdict.kind === 'dead', revived: delivery.revived === true || job.resumed })
  metrics.settled.inc({ target: settings.name }, settled.length)
  if (verdict.kind === 'dead') {
    metrics.events.inc({ target: settings.name, outcome: 'dead' }, delivery.events.length)
    log.error({ target: settings.name, event: delivery.events[0]?.id, command: delivery.events[0]?.command, reason: verdict.reason }, 'a delivery was given up; see it with `baton dead show`, and send it again with `baton dead replay`')
  }
  return verdict
}

/** The events whose way to this target ends here: delivered, or dead; one that blocks its key may go on. */
function settledBy (delivery: Delivery, verdict: Verdict, splits: readonly Delivery[]): Delivery['events'] {
  if ((verdict.kind !== 'done' && verdict.kind !== 'dead') || delivery.blocks === true) return []
  const goOn = new Set(splits.flatMap(({ events }) => events))
  return delivery.events.filter(event => !goOn.has(event))
}

async function settlement (job: JobInHand, delivery: Delivery, options: DeliverOptions): Promise<Settlement> {
  const { settings, gatekeeper } = options
  if (delivery.rejected !== undefined) return { verdict: { kind: 'dead', reason: delivery.rejected, answer: delivery.answer }, splits: [] }
  if (job.resumed && delivery.events.length > 1) return takenApart(delivery, 1)
  if (delivery.events.length > gatekeeper.mostEvents) return takenApart(delivery, gatekeeper.mostEvents)

  const { tried, untried } = await attemptAll(job, delivery, options)
  const cutShort = job.signal.aborted // by our own end: that something failed says nothing then
  return settle(delivery, cutShort ? tried.map(outcome => outcome?.kind === 'retry' ? undefined : outcome) : tried, settings.retry, { untried: cutShort ? 'back' : untried })
}

/** Attempts the events in order, as many at a time as the gate lets through. What it does not let through stays untried. */
async function attemptAll (job: JobInHand, delivery: Delivery, options: DeliverOptions): Promise<{ tried: (Outcome | undefined)[], untried: 'shut' | 'back' }> {
  const { events } = delivery
  const { settings: { retry }, gatekeeper } = options
  const tried: Outcome[] = []
  const answer = (untried: 'shut' | 'back') => ({ tried: events.map((_, at) => tried[at]), untried })
  while (tried.length < events.length) {
    const leave = await gatekeeper.admit(events.length - tried.length, job.signal)
    if (leave.kind === 'shut') return answer('shut')
    const together = events.slice(tried.length, tried.length + leave.events)
    const outcomes = await attemptWithLeave(together, { leave: leave.kind, delivery: job.id, attempt: delivery.attempts + 1, letGo: job.signal }, options)
    if (job.signal.aborted) {
      tried.push(...outcomes)
      return answer('back')
    }
    const isOver = delivery.since + retry.maxAge <= Date.now()
    if (leave.kind === 'probe' && outcomes.find(({ kind }) => kind !== 'delivered')?.kind === 'retry' && !isOver) return answer('back') // behind the others: the next probe is another event's
    tried.push(...outcomes)
  }
  return answer('back')
}
