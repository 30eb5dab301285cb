import { setMaxListeners } from 'node:events'
import { deliveryOf, markSettled, type Delivery, type JobInHand, type Queues, type Verdict } from '@baton/queue'
import type { Logger } from '@baton/runtime'
import type { ConfiguredTarget, Outcome, Target } from '@baton/targets'
import type { FailureLog } from './failure-log.ts'
import { handBack, settle, splitApart, type Settlement } from './settle.ts'
import type { WorkerMetrics } from './worker-metrics.ts'

export interface DeliverOptions {
  settings: ConfiguredTarget
  target: Target
  queues: Queues
  metrics: WorkerMetrics
  failures: FailureLog
  log: Logger
}

/** How long a target may take to notice that its time is up and to say how far it came, in ms. */
const lastWords = 1_000

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

/** The events whose way to this target ends here: delivered, or dead. */
function settledBy (delivery: Delivery, verdict: Verdict, splits: readonly Delivery[]): Delivery['events'] {
  if (verdict.kind === 'again' || verdict.kind === 'back') return []
  const goOn = new Set(splits.flatMap(({ events }) => events))
  return delivery.events.filter(event => !goOn.has(event))
}

async function settlement (job: JobInHand, delivery: Delivery, { settings, target, metrics, failures, log }: DeliverOptions): Promise<Settlement> {
  if (delivery.rejected !== undefined) return { verdict: { kind: 'dead', reason: delivery.rejected }, splits: [] }
  if (job.resumed && delivery.events.length > 1) return splitApart(delivery)

  const stop = metrics.seconds.startTimer({ target: settings.name })
  const outcomes = await attempt(target, delivery, { name: settings.name, timeout: settings.timeout, letGo: job.signal, log })
  stop()
  if (job.signal.aborted && outcomes.some(({ kind }) => kind !== 'reject')) return handBack(delivery, outcomes)
  for (const outcome of outcomes) metrics.events.inc({ target: settings.name, outcome: outcome.kind })
  const failure = outcomes.find(outcome => outcome.kind !== 'delivered')
  if (failure === undefined) failures.succeeded()
  else failures.failed({ code: failure.code, reason: failure.reason }, { events: delivery.events.map(({ id }) => id), attempt: delivery.attempts + 1 })
  return settle(delivery, outcomes, settings.retry, Date.now())
}

/** The outcomes of one attempt, whatever the target does: one that throws or overstays is retried. */
async function attempt (target: Target, { events, attempts }: Delivery, { name, timeout, letGo, log }: { name: string, timeout: number, letGo: AbortSignal, log: Logger }): Promise<Outcome[]> {
  const all = (code: string, reason: string): Outcome[] => events.map(() => ({ kind: 'retry', code, reason }))
  // A controller and a timer of our own: AbortSignal.any over AbortSignal.timeout may be garbage collected before it fires (Node 20).
  const clock = new AbortController()
  setMaxListeners(0, clock.signal) // a target may listen once for each event
  const abort = () => { clock.abort() }
  const timer = setTimeout(abort, timeout)
  letGo.addEventListener('abort', abort, { once: true })
  let lastCall: NodeJS.Timeout | undefined
  const overstayed = new Promise<Outcome[]>(resolve => {
    clock.signal.addEventListener('abort', () => {
      lastCall = setTimeout(() => { resolve(all('timeout', 'the target did not answer in time')) }, lastWords)
    }, { once: true })
  })
  try {
    const outcomes = await Promise.race([target.deliver(events, { signal: clock.signal, attempt: attempts + 1 }), overstayed])
    if (outcomes.length !== events.length) throw new Error(`the target answered ${outcomes.length} outcomes for ${events.length} events`)
    return outcomes
  } catch (error) {
    if (clock.signal.aborted) return all('timeout', 'the target did not answer in time')
    log.error({ err: error, target: name }, 'a target failed in an unexpected way; its events are retried')
    return all('unexpected', (error instanceof Error ? error.message : String(error)).slice(0, 500))
  } finally {
    clearTimeout(timer)
    clearTimeout(lastCall)
    letGo.removeEventListener('abort', abort)
  }
}
