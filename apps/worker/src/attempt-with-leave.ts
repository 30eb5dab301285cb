import type { JournalledEvent } from '@baton/contracts'
import type { Outcome } from '@baton/targets'
import type { DeliverOptions } from './deliver.ts'

export interface LeaveTaken {
  leave: 'go' | 'probe'
  /** Names what is attempted, through all its attempts. */
  delivery: string
  /** 1 for the first. */
  attempt: number
  /** Aborted when the worker must let go. */
  letGo: AbortSignal
}

/** An attempt for which there is leave: measured, and told to the log and the gatekeeper, unless the worker's own end has cut it short. */
export async function attemptWithLeave (events: readonly JournalledEvent[], { leave, delivery, attempt, letGo }: LeaveTaken, options: Omit<DeliverOptions, 'queues'>): Promise<Outcome[]> {
  const { settings: { name, meant }, calls, gatekeeper, metrics, failures } = options
  const stop = metrics.seconds.startTimer({ target: name })
  const answered = await calls.make(events, { attempt, letGo })
  stop()
  if (letGo.aborted) return answered.map(outcome => outcome.kind === 'retry' ? outcome : meant(outcome)) // our own end is behind a timeout now
  const outcomes = answered.map(meant)
  for (const outcome of outcomes) metrics.events.inc({ target: name, outcome: outcome.kind })
  const failure = outcomes.find(outcome => outcome.kind !== 'delivered')
  if (failure === undefined) failures.succeeded()
  else failures.failed(failure, { events: events.map(({ id }) => id), attempt })
  await gatekeeper.tell(delivery, leave, outcomes)
  return outcomes
}
