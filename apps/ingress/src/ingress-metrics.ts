import type { Journal } from '@baton/journal'
import { createMetrics } from '@baton/runtime'
import type { Forwarding } from './forwarding.ts'
import type { Quarantine } from './quarantine-handover.ts'

/** What the ingress counts. */
export function ingressMetrics (journal: Pick<Journal, 'stats'>, forwarding: Pick<Forwarding, 'forwarded'>, quarantine: Pick<Quarantine, 'lost'>) {
  const metrics = createMetrics()
  metrics.gauge('baton_events_forwarded', 'Events that this process has brought into Redis.', () => forwarding.forwarded)
  metrics.gauge('baton_journal_events', 'Events that the journal keeps.', () => journal.stats().depth)
  metrics.gauge('baton_journal_unsettled_events', 'Events in the journal that are not settled for all targets.', () => journal.stats().unsettled)
  metrics.gauge('baton_journal_unsettled_bytes', 'Their bytes.', () => journal.stats().bytes.unsettled)
  metrics.gauge('baton_journal_retained_bytes', 'Bytes of settled events that are kept.', () => journal.stats().bytes.retained)
  metrics.gauge('baton_journal_oldest_unsettled_seconds', 'Age of the oldest event that is not settled.', () => {
    const { oldestUnsettledAt } = journal.stats()
    return oldestUnsettledAt === null ? 0 : Math.max(0, (Date.now() - oldestUnsettledAt) / 1_000)
  })
  metrics.total('baton_quarantine_lost_total', 'Of the callbacks for the quarantine, those that could not be kept: too many wrongly signed ones, or Redis was away for too long.', () => quarantine.lost)
  return {
    text: metrics.text,
    withProcess: metrics.withProcess,
    accepted: metrics.counter('baton_callbacks_accepted_total', 'Callbacks acknowledged with code 0, by whether their command is known.', ['known']),
    refused: metrics.counter('baton_callbacks_refused_total', 'Callbacks not acknowledged, by ErrorCode.', ['code']),
    drift: metrics.counter('baton_callbacks_drift_total', 'Callbacks relayed although a field that Baton does not read was unfit.'),
    quarantined: metrics.counter('baton_quarantine_total', 'Callbacks for the quarantine, by the kind of refusal; of a before-callback, the one that it would have got.', ['kind']),
    allowedUnkept: metrics.counter('baton_before_callbacks_unkept_total', 'Before-callbacks that were answered "allow" but whose event may be lost.'),
    ackSeconds: metrics.histogram('baton_ack_seconds', 'Time from the last byte of an accepted callback to its acknowledgement.', [], [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2])
  }
}

export type IngressMetrics = ReturnType<typeof ingressMetrics>
