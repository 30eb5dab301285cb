import { Queues, checkRedis, connectRedis, consume, intakeQueue, probeWrite, registerTargets, targetQueue, untilReady } from '@baton/queue'
import { BatonError, openRelayFile, readApps, serveHealth, type ProcessContext, type RunningProcess } from '@baton/runtime'
import { readTargets } from '@baton/targets'
import { deliver } from './deliver.ts'
import { route } from './route.ts'
import { workerMetrics } from './worker-metrics.ts'

/** How long a start waits for Redis, in ms. */
const redisPatience = 10_000

/** How long a stop waits for the deliveries in hand, in ms; those that take longer go back to their queue. */
const closePatience = 20_000

/** How many intake jobs are routed at once; routing is Redis work only. */
const routerConcurrency = 50

/** Starts a worker: the router on intake, and one consumer for each target of the relay file. */
export async function startWorker ({ settings, log }: ProcessContext): Promise<RunningProcess> {
  const document = openRelayFile(settings)
  readApps(document) // the worker needs none of it, but an operator wants to hear of every problem at once
  const configured = readTargets(document)
  document.assertValid()
  if (settings.REDIS_URL === undefined) throw new BatonError('SETTINGS_INVALID', 'REDIS_URL is not set. Set it, or run npm start, which brings a Redis of its own.')

  const redis = connectRedis(settings.REDIS_URL, 'consumer', log)
  const queues = new Queues(redis)
  try {
    await untilReady(redis, settings.REDIS_URL, redisPatience)
    await checkRedis(redis, settings.REDIS_URL)
    await registerTargets(redis, configured.map(({ name }) => name))

    const metrics = workerMetrics()
    metrics.withProcess()
    const health = await serveHealth(settings.HOST, settings.WORKER_PORT, {
      ready: async () => await probeWrite(redis),
      metrics: metrics.text
    })
    const targets = configured.map(target => ({
      settings: target,
      target: target.open({ log, embeddedPostgresPort: settings.EMBEDDED_PG_PORT })
    }))
    const consumers = [
      consume({ queue: intakeQueue, concurrency: routerConcurrency, redis, log, handle: async job => await route(job, { targets: configured, queues, metrics }) }),
      ...targets.map(({ settings, target }) => consume({
        queue: targetQueue(settings.name),
        concurrency: settings.concurrency,
        redis,
        log,
        handle: async job => await deliver(job, { settings, target, queues, metrics, log })
      }))
    ]
    return {
      urls: { worker: health.url },
      close: async () => {
        await Promise.all(consumers.map(async consumer => { await consumer.close(closePatience) }))
        await Promise.all(targets.map(async ({ target }) => { await target.close() }))
        await health.close()
        await queues.close()
        redis.disconnect()
      }
    }
  } catch (error) {
    redis.disconnect()
    throw error
  }
}
