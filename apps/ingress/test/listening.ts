import type { Test } from 'tap'
import { createLogger, type AppsSettings } from '@baton/runtime'
import { buildIngress, type IngressOptions } from '../src/app.ts'
import { Apps } from '../src/apps.ts'
import { ingressMetrics } from '../src/ingress-metrics.ts'
import type { Quarantine } from '../src/quarantine-handover.ts'
import type { RenewedCertificate } from '../src/renewed-certificate.ts'

/** The metrics of an ingress without a journal. */
export const metricsWithout = ({ quarantine = noQuarantine, certificate }: { quarantine?: Quarantine | undefined, certificate?: RenewedCertificate | undefined } = {}) => ingressMetrics(
  { stats: () => ({ depth: 0, unsettled: 0, oldestReceivedAt: null, oldestUnsettledAt: null, bytes: { unsettled: 0, retained: 0, file: 0, free: 0 } }), obstacle: () => undefined },
  { forwarded: 0, jobs: 0, unprotected: 0, drift: { fresh: 0, unlisted: 0 } },
  quarantine,
  certificate
)

const noQuarantine: Quarantine = { kept: 0, lost: 0, handOver: () => {}, lose: () => {} }

type Given = Partial<Omit<IngressOptions, 'apps'>> & { apps?: AppsSettings, host?: string, certificate?: RenewedCertificate | undefined }

/** An ingress in this process, over real HTTP, that accepts an unsigned app and keeps nothing but what is given. */
export async function listening (t: Test, { host = '127.0.0.1', metrics = metricsWithout(), log = createLogger('ingress', 'silent'), apps: settings = [{ sdkAppId: 1400000000, freshness: 300_000 }], ...given }: Given = {}) {
  const apps = new Apps(settings, { metrics, log })
  const app = buildIngress({
    apps,
    path: '/',
    append: async () => {},
    obstacle: async () => undefined,
    quarantine: noQuarantine,
    drift: { note: () => {} },
    metrics,
    log,
    ...given
  })
  t.teardown(async () => {
    await app.close()
    await apps.close()
  })
  return { app, apps, metrics, url: await app.listen({ host, port: 0 }) }
}
