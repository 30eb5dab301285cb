import { sdkAppId } from '../callback-bodies.ts'
import { announce } from './announce.ts'

// B: Baton's very own ingress with all its checks, answers, logs and metrics, but for the journal: every event counts as kept at once, and
// is kept nowhere. The yardstick: what is left to the journal is the difference between this and Baton.

/** What it takes from the app. No workspace may import that, so it is loaded as it was built, and trusted to be so. */
interface IngressApp {
  buildIngress: (options: object) => { listen: (at: { host: string, port: number }) => Promise<string> }
  admission: (apps: object[]) => unknown
  ingressMetrics: (journal: object, forwarding: object, quarantine: object) => { withProcess: () => void }
  createLogger: (name: string, level: string) => object
}

const ingressApp = import.meta.resolve('@baton/ingress')
const { buildIngress }: Pick<IngressApp, 'buildIngress'> = await import(new URL('app.js', ingressApp).href)
const { admission }: Pick<IngressApp, 'admission'> = await import(new URL('admit.js', ingressApp).href)
const { ingressMetrics }: Pick<IngressApp, 'ingressMetrics'> = await import(new URL('ingress-metrics.js', ingressApp).href)
const { createLogger }: Pick<IngressApp, 'createLogger'> = await import(import.meta.resolve('@baton/runtime'))

const stats = () => ({ depth: 0, unsettled: 0, oldestReceivedAt: null, oldestUnsettledAt: null, bytes: { unsettled: 0, retained: 0, file: 0, free: 0 } })
const quarantine = { lost: 0, handOver: () => {}, lose: () => {} }
const metrics = ingressMetrics({ stats }, { forwarded: 0 }, quarantine)
metrics.withProcess()
const kept = Promise.resolve()
const acknowledged = '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}'
const app = buildIngress({
  apps: {
    admit: admission([{ sdkAppId: Number(sdkAppId) }]),
    signed: () => undefined,
    decide: async () => ({ answer: acknowledged }),
    fallBack: () => ({ answer: acknowledged })
  },
  path: '/',
  append: async () => { await kept },
  obstacle: async () => undefined,
  quarantine,
  drift: { note: () => {} },
  metrics,
  log: createLogger('ingress', 'info')
})
announce(await app.listen({ host: '127.0.0.1', port: 0 }))
