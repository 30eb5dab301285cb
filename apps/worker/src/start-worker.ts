import { setTimeout as wait } from 'node:timers/promises'
import { Queues, TailPublisher, backlogOf, checkRedis, connectRedis, livingWorkers, probeWrite, registeredTargets, untilReady, whereabouts } from '@baton/queue'
import { BatonError, RelayFileReloading, millisecondsOf, serveHealth, type Logger, type ProcessContext, type RunningProcess } from '@baton/runtime'
import { filterLog } from './filter-log.ts'
import { queueFigures } from './queue-figures.ts'
import { Relay } from './relay.ts'
import { readConfiguration } from './relay-configuration.ts'
import { within } from './within.ts'
import { workerMetrics } from './worker-metrics.ts'

/** How long a start waits for Redis, in ms. */
const redisPatience = 10_000

/** How long a start waits for a Redis that takes no writes, in ms. */
const writePatience = 60_000

/** How long a stop waits for the deliveries in hand, in ms; those that take longer go back to their queue. */
const closePatience = 20_000

/** ms between two looks for deliveries of targets that nobody delivers to. */
const orphanInterval = 300_000

/** How long a stop then waits for each thing that it lets go of, in ms. */
const farewell = 500

/** Starts a worker: it delivers to the targets of its relay file, and routes as it says. What was begun is ended again where the start fails. */
export async function startWorker ({ settings, log }: ProcessContext): Promise<RunningProcess> {
  let relay: Relay | undefined
  const reloading = new RelayFileReloading({
    settings,
    log,
    take: async settings => {
      const next = await readConfiguration(settings)
      const changes = await relay?.adopt(next)
      if (changes !== undefined) for (const warning of next.warnings) log.warn(warning)
      return changes
    }
  })
  const configuration = await readConfiguration(settings)
  for (const warning of configuration.warnings) log.warn(warning)
  const { REDIS_URL: url } = settings
  if (url === undefined) throw new BatonError('SETTINGS_INVALID', 'REDIS_URL is not set. Set it, or run npm start, which brings a Redis of its own.')

  let stopping = false
  /** In the order in which things are ended: the last that was begun, first. */
  const endings: (() => Promise<void>)[] = []
  const close = async () => {
    stopping = true
    for (const end of endings.splice(0)) await end().catch((err: unknown) => { log.warn({ err }, 'something did not end well') })
  }
  try {
    const redis = connectRedis(url, 'consumer', log)
    const queues = new Queues(redis)
    endings.unshift(async () => {
      await within(farewell, queues.close())
      redis.disconnect()
    })
    await untilReady(redis, url, redisPatience)
    await checkRedis(redis, url)

    const metrics = workerMetrics({
      targets: () => relay?.served.map(({ settings: { name }, failures }) => ({ name, failures })) ?? [],
      relayFile: () => ({ staleFor: relay?.staleFor ?? 0, isRefused: reloading.isRefused }),
      figures: queueFigures(queues)
    })
    metrics.withProcess()
    const begun = relay = new Relay(configuration, {
      queues,
      metrics,
      log,
      lock: millisecondsOf(settings.JOB_LOCK),
      embeddedPostgresPort: settings.EMBEDDED_PG_PORT,
      tail: new TailPublisher(redis),
      filterLog: filterLog(log)
    })
    const health = await serveHealth(settings.HOST, settings.WORKER_PORT, {
      ready: async () => stopping ? 'this worker is stopping' : await probeWrite(redis),
      metrics: metrics.text
    })
    endings.unshift(async () => { await within(farewell, health.close()) })
    endings.unshift(async () => {
      await within(farewell, reloading.close())
      await begun.close(closePatience)
    })
    await begun.open()
    await onceWritable(async () => { await begun.begin() }, url, log)
    reloading.begin()
    await warnOfOrphans(queues, begun, log)
    const orphans = setInterval(() => { if (redis.status === 'ready') void warnOfOrphans(queues, begun, log).catch(() => {}) }, orphanInterval)
    endings.unshift(async () => { clearInterval(orphans) })
    return { urls: { worker: health.url }, reload: async () => { await reloading.reload() }, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Writes to a Redis that may take no writes at the moment: out of memory, a replica, cut off from its replicas. Throws REDIS_UNUSABLE after a while. */
async function onceWritable (write: () => Promise<void>, url: string, log: Logger): Promise<void> {
  for (const until = performance.now() + writePatience; ;) {
    try {
      return await write()
    } catch (error) {
      const { message } = BatonError.from(error)
      if (performance.now() > until) throw new BatonError('REDIS_UNUSABLE', `Redis at ${whereabouts(url)} takes no writes (${message}). Free its memory or raise maxmemory, or set REDIS_URL to one that is no replica.`, { cause: error })
      log.warn({ err: error }, 'Redis takes no writes; the worker waits for it')
      await wait(1_000)
    }
  }
}

/** Deliveries of a target that is no longer in the relay file wait for ever; nobody would notice. */
async function warnOfOrphans (queues: Queues, relay: Relay, log: Logger): Promise<void> {
  const served = new Set([...relay.served.map(({ settings: { name } }) => name), ...(await livingWorkers(queues.redis)).flatMap(({ delivers }) => delivers)])
  for (const target of await registeredTargets(queues.redis)) {
    const deliveries = served.has(target) ? 0 : await backlogOf(queues, target)
    if (deliveries === 0) continue
    log.error({ target, deliveries, alert: 'TARGET_ORPHANED' }, `deliveries wait for a target that the relay file does not name: name it again, or give them up with \`baton target retire ${target} --drop\``)
  }
}
