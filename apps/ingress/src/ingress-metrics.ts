import { createMetrics } from '@baton/runtime'

/** What the ingress counts. */
export function ingressMetrics () {
  const metrics = createMetrics()
  return {
    text: metrics.text,
    withProcess: metrics.withProcess,
    accepted: metrics.counter('baton_callbacks_accepted_total', 'Callbacks acknowledged with code 0, by whether their command is known.', ['known']),
    refused: metrics.counter('baton_callbacks_refused_total', 'Callbacks not acknowledged, by ErrorCode.', ['code']),
    drift: metrics.counter('baton_callbacks_drift_total', 'Callbacks relayed although a field that Baton does not read was unfit.'),
    allowedUnkept: metrics.counter('baton_before_callbacks_unkept_total', 'Before-callbacks that were answered "allow" but whose event may be lost.'),
    ackSeconds: metrics.histogram('baton_ack_seconds', 'Time from the last byte of an accepted callback to its acknowledgement.', [], [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2])
  }
}

export type IngressMetrics = ReturnType<typeof ingressMetrics>
