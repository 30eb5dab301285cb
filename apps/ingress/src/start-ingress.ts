import { enqueueDeadline, Queues, checkRedis, connectRedis, probeWrite, untilReady } from '@baton/queue'
import { BatonError, openRelayFile, readApps, type ProcessContext, type RunningProcess } from '@baton/runtime'
import type { Event } from '@baton/contracts'
import { buildIngress } from './app.ts'
import { ingressMetrics } from './ingress-metrics.ts'

/** How long a start waits for Redis, in ms. */
const redisPatience = 10_000

/** Starts an ingress: relay file, Redis, HTTP. */
export async function startIngress ({ settings, log }: ProcessContext): Promise<RunningProcess> {
  const document = openRelayFile(settings)
  const apps = readApps(document)
  document.assertValid()
  if (apps === undefined) throw new BatonError('RELAY_FILE_INVALID', 'The relay file names no apps.')
  for (const { sdkAppId, tokens } of apps) {
    if (tokens === undefined) log.warn({ app: sdkAppId }, 'the app has no tokens: anybody who knows the URL can send callbacks for it; switch authentication on in the console and set tokens')
  }
  if (settings.REDIS_URL === undefined) throw new BatonError('SETTINGS_INVALID', 'REDIS_URL is not set. Set it, or run npm start, which brings a Redis of its own.')

  const redis = connectRedis(settings.REDIS_URL, 'producer', log)
  const queues = new Queues(redis)
  try {
    await untilReady(redis, settings.REDIS_URL, redisPatience)
    await checkRedis(redis, settings.REDIS_URL)
    const metrics = ingressMetrics()
    metrics.withProcess()
    const ingress = buildIngress({
      apps,
      path: settings.INGRESS_PATH,
      append: async event => { await enqueue(queues, event) },
      obstacle: async () => await probeWrite(redis),
      metrics,
      log
    })
    const url = await ingress.listen({ host: settings.HOST, port: settings.PORT })
    return {
      urls: { ingress: new URL(settings.INGRESS_PATH, url).href },
      close: async () => {
        await ingress.close()
        await queues.close()
        redis.disconnect()
      }
    }
  } catch (error) {
    redis.disconnect()
    throw error
  }
}

/**
 * Enqueues, or throws after the deadline; the event may then have been kept all the same, and be delivered. A connection that
 * missed the deadline is replaced: commands that wait on a Redis that hangs would fill our memory with events.
 */
async function enqueue (queues: Queues, event: Event): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      if (queues.redis.status === 'ready') queues.redis.disconnect(true)
      reject(new Error(`Redis did not confirm within ${enqueueDeadline} ms`))
    }, enqueueDeadline)
  })
  try {
    await Promise.race([queues.addToIntake(event), late])
  } finally {
    clearTimeout(timer)
  }
}
