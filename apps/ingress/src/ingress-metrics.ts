import { driftKinds, refusals } from '@baton/contracts'
import type { Journal } from '@baton/journal'
import { quarantineOf } from '@baton/queue'
import { createMetrics } from '@baton/runtime'
import type { Forwarding } from './forwarding.ts'
import type { Quarantine } from './quarantine-handover.ts'
import type { RenewedCertificate } from './renewed-certificate.ts'

/** What the ingress counts and sees. */
export function ingressMetrics (journal: Pick<Journal, 'stats' | 'obstacle'>, forwarding: Pick<Forwarding, 'forwarded' | 'jobs' | 'unprotected' | 'stoppedSince' | 'room' | 'drift'>, quarantine: Pick<Quarantine, 'kept' | 'lost'>, certificate?: Pick<RenewedCertificate, 'expiresAt'>) {
  const metrics = createMetrics()
  let stats = journal.stats()
  metrics.total('baton_events_forwarded_total', 'Events that this process has brought into Redis.', () => forwarding.forwarded)
  metrics.total('baton_jobs_forwarded_total', 'Intake jobs that it has made of them, each of up to 100 events.', () => forwarding.jobs)
  metrics.gauge('baton_forwarding_stopped_seconds', 'For how long events have not been brought into Redis, because it is away, hangs, is full or refuses; 0 while they are.', () =>
    forwarding.stoppedSince === undefined ? undefined : secondsSince(forwarding.stoppedSince))
  metrics.gauge('baton_redis_used_bytes', 'Memory that Redis uses, as last seen.', () => forwarding.room?.used)
  metrics.gauge('baton_redis_bound_bytes', 'Memory of Redis at which nothing more is brought into it; left out where there is no bound.', () => Number.isFinite(forwarding.room?.bound) ? forwarding.room?.bound : undefined)
  metrics.gauge('baton_journal_events', 'Events that the journal keeps.', () => stats.depth)
  metrics.gauge('baton_journal_unsettled_events', 'Events in the journal that are not settled for all targets.', () => stats.unsettled + forwarding.unprotected)
  metrics.gauge('baton_journal_unsettled_bytes', 'Their bytes.', () => stats.bytes.unsettled)
  metrics.gauge('baton_journal_unprotected_events', 'Those of the unsettled ones that the journal may forget for want of room: Redis alone has them.', () => forwarding.unprotected)
  metrics.gauge('baton_journal_retained_bytes', 'Bytes of settled events that are kept.', () => stats.bytes.retained)
  metrics.gauge('baton_journal_file_bytes', 'Size of the journal\'s file. It does not shrink: what is free in it is used again.', () => stats.bytes.file)
  metrics.gauge('baton_journal_free_bytes', 'Bytes free on the journal\'s disk and in its file, as last measured.', () => stats.bytes.free)
  metrics.gauge('baton_journal_refuses', 'Whether the journal would refuse an event now: 1, and callbacks are answered 503, or 0.', () => journal.obstacle() === undefined ? 0 : 1) // asking also has the disk measured anew
  metrics.gauge('baton_journal_oldest_unsettled_seconds', 'Age of the oldest event that is not settled, unprotected ones aside.', () => secondsSince(stats.oldestUnsettledAt))
  metrics.total('baton_quarantine_kept_total', 'Of the callbacks for the quarantine, those that are in it.', () => quarantine.kept)
  metrics.total('baton_quarantine_lost_total', 'Of the callbacks for the quarantine, those that could not be kept: too many wrongly signed ones, or Redis was away for too long.', () => quarantine.lost)
  metrics.total('baton_drift_new_total', 'Deviations of callbacks from their documentation that no ingress had seen before.', () => forwarding.drift.fresh)
  metrics.total('baton_drift_unlisted_total', 'Sightings of deviations that are not listed, as there are too many different ones.', () => forwarding.drift.unlisted)
  metrics.gauge('baton_tls_certificate_expires_seconds', 'For how long the certificate in use, and those that issued it, are valid; below 0 once one has expired; left out where the ingress speaks plain HTTP.', () => certificate === undefined ? undefined : (certificate.expiresAt - Date.now()) / 1_000)
  const counted = {
    text: async () => {
      stats = journal.stats() // once for all that is told of it
      return await metrics.text()
    },
    described: metrics.described,
    withProcess: metrics.withProcess,
    accepted: metrics.counter('baton_callbacks_accepted_total', 'Callbacks acknowledged with code 0, by whether their command is known.', ['known']),
    refused: metrics.counter('baton_callbacks_refused_total', 'Callbacks not acknowledged, by ErrorCode.', ['code']),
    probes: metrics.counter('baton_probes_total', 'Probes of `baton doctor`, by the ErrorCode that a callback would have got in their place.', ['code']),
    malformed: metrics.counter('baton_requests_malformed_total', 'Requests that were no HTTP (400), too slow (408) or had too large headers (431), by status.', ['status']),
    handshakesFailed: metrics.counter('baton_tls_handshakes_failed_total', 'Connections on which no TLS came to be: the client does not trust the certificate, speaks plain HTTP or what is too old, or takes too long.'),
    connectionsRefused: metrics.counter('baton_connections_refused_total', 'Connections closed at once, because there were as many as may be.'),
    drift: metrics.counter('baton_callbacks_drift_total', 'What relayed callbacks had that their documentation does not say, by kind: unknown-command, unknown-field or unfit-field.', ['kind']),
    quarantined: metrics.counter('baton_quarantine_total', 'Callbacks for the quarantine, by the kind of refusal; of a before-callback, the one that it would have got.', ['kind']),
    allowedUnkept: metrics.counter('baton_before_callbacks_unkept_total', 'Before-callbacks that were answered but whose event is not relayed: it is unfit, and in quarantine, or could not be kept.'),
    decisions: metrics.counter('baton_decisions_total', 'Before-callbacks that an endpoint was asked about, by app, by whether it counts (live or shadow), and by what came of it: allow or deny; else Tencent was told the fallback, because of a timeout, as it was busy, parked after many failures, unreachable, answered another status than 200, or something invalid.', ['app', 'mode', 'outcome']),
    decisionSeconds: metrics.histogram('baton_decision_seconds', 'Time that asking about a before-callback took.', ['app'], [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2]),
    ackSeconds: metrics.histogram('baton_ack_seconds', 'Time from the last byte of an accepted callback to its acknowledgement.', [], [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2])
  }
  // So that the first of each is an increase, from 0.
  for (const known of ['true', 'false']) counted.accepted.inc({ known }, 0)
  for (const { code } of Object.values(refusals)) counted.refused.inc({ code }, 0)
  for (const kind of driftKinds) counted.drift.inc({ kind }, 0)
  for (const kind of Object.keys(quarantineOf)) counted.quarantined.inc({ kind }, 0)
  return counted
}

/** Seconds since a time in ms since 1970; 0 where there is none. */
const secondsSince = (time: number | null): number => time === null ? 0 : Math.max(0, (Date.now() - time) / 1_000)

export type IngressMetrics = ReturnType<typeof ingressMetrics>
