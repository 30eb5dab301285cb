import { setTimeout as wait } from 'node:timers/promises'
import { Backlogs, Queues, TailPublisher, checkRedis, connectRedis, consume, intakeQueue, markSettled, probeWrite, queueDepths, registerTargets, registeredTargets, renewTargets, targetQueue, untilReady, whereabouts, type Consumer } from '@baton/queue'
import { BatonError, millisecondsOf, openRelayFile, serveHealth, type Logger, type ProcessContext, type RunningProcess } from '@baton/runtime'
import { readTargets, type ConfiguredTarget, type Target } from '@baton/targets'
import { Calls } from './calls.ts'
import { deliver } from './deliver.ts'
import { failureLog, type FailureLog } from './failure-log.ts'
import { filterLog } from './filter-log.ts'
import { Gatekeeper } from './gatekeeper.ts'
import { LaneBell } from './lane-bell.ts'
import { deliverInOrder } from './ordered.ts'
import { queueFigures } from './queue-figures.ts'
import { route } from './route.ts'
import { workerMetrics } from './worker-metrics.ts'

/** How long a start waits for Redis, in ms. */
const redisPatience = 10_000

/** How long a start waits for a Redis that takes no writes, in ms. */
const writePatience = 60_000

/** How long a stop waits for the deliveries in hand, in ms; those that take longer go back to their queue. */
const closePatience = 20_000

/** How long a stop then waits for each thing that it lets go of, in ms: a database that hangs does not say goodbye. */
const farewell = 500

/** ms between two signs of life of the targets. */
const renewalInterval = 5_000

/** How many intake jobs are routed at once; routing is Redis work only. */
const routerConcurrency = 50

/** Deliveries in hand for each call that a target takes at once, where it takes events of several together. */
const inHandForEachCall = 4

/**
 * The lock of intake jobs where a target wants order, in ms: its events wait for those that a killed worker was about to route. An outage of Redis
 * that outlasts it has them routed once more, which changes nothing.
 */
const orderedRouterLock = 5_000

/** After so many deaths of workers that had it in hand, a delivery is given up: it may be what kills them. */
const mostStalls = 5

/** Starts a worker: the router on intake, and one consumer for each target of the relay file. What was begun is ended again where the start fails. */
export async function startWorker ({ settings, log }: ProcessContext): Promise<RunningProcess> {
  const document = openRelayFile(settings)
  const configured = await readTargets(document)
  document.assertValid()
  for (const warning of document.warnings) log.warn(warning)
  const { REDIS_URL: url } = settings
  if (url === undefined) throw new BatonError('SETTINGS_INVALID', 'REDIS_URL is not set. Set it, or run npm start, which brings a Redis of its own.')

  let stopping = false
  const consumers: Consumer[] = []
  /** In the order in which things are ended: the last that was begun, first. */
  const endings: (() => Promise<void>)[] = []
  const close = async () => {
    stopping = true
    await Promise.all(consumers.map(async consumer => { await consumer.close(closePatience) }))
    for (const end of endings.splice(0)) await within(farewell, end().catch((err: unknown) => { log.warn({ err }, 'something did not end well') }))
  }
  try {
    const redis = connectRedis(url, 'consumer', log)
    const queues = new Queues(redis)
    endings.unshift(async () => {
      await queues.close()
      redis.disconnect()
    })
    await untilReady(redis, url, redisPatience)
    await checkRedis(redis, url)
    const registrations = configured.map(({ name, backlog, retry, ordering }) => ({ name, backlog, maxAge: retry.maxAge, ordered: ordering !== undefined }))
    await onceWritable(async () => { await registerTargets(redis, registrations) }, url, log)

    const renewal = setInterval(() => {
      if (redis.status === 'ready') void renewTargets(redis, registrations).catch(() => {}) // the next one tries again
    }, renewalInterval)
    endings.unshift(async () => { clearInterval(renewal) })
    await warnOfOrphans(queues, configured.map(({ name }) => name), log)

    const open: Target[] = []
    endings.unshift(async () => { await Promise.all(open.map(async target => { await target.close() })) })
    const targets: { settings: ConfiguredTarget, calls: Calls, failures: FailureLog, gatekeeper: Gatekeeper }[] = []
    for (const own of configured) {
      const target = await own.open({ log, embeddedPostgresPort: settings.EMBEDDED_PG_PORT })
      open.push(target)
      const calls = new Calls(target, { ...own, most: own.concurrency, log })
      targets.push({ settings: own, calls, failures: failureLog(own.name, log), gatekeeper: new Gatekeeper(queues, own, log) })
    }
    const metrics = workerMetrics({ targets: targets.map(({ settings: { name }, failures }) => ({ name, failures })), figures: queueFigures(queues) })
    metrics.withProcess()
    const health = await serveHealth(settings.HOST, settings.WORKER_PORT, {
      ready: async () => stopping ? 'this worker is stopping' : await probeWrite(redis),
      metrics: metrics.text
    })
    endings.unshift(health.close)
    const backlogs = new Backlogs(queues, registrations, log)
    const lock = millisecondsOf(settings.JOB_LOCK)
    const tail = new TailPublisher(redis)
    const troubles = filterLog(log)
    const bells = new Map(configured.flatMap(({ name, ordering }) => ordering === undefined ? [] : [[name, new LaneBell(queues, name)] as const]))
    endings.unshift(async () => { await Promise.all([...bells.values()].map(async bell => { await bell.close() })) })
    consumers.push(
      consume({ queue: intakeQueue, concurrency: routerConcurrency, redis, log, lock: bells.size > 0 ? Math.min(lock, orderedRouterLock) : lock, handle: async job => await route(job, { targets: configured, registered: async () => await registeredTargets(redis), backlogs, queues, ring: (target, journal) => { bells.get(target)?.ring(journal) }, tail, metrics, filterLog: troubles }) }),
      ...targets.map(({ settings, calls, failures, gatekeeper }) => consume({
        queue: targetQueue(settings.name),
        concurrency: settings.together > 1 ? inHandForEachCall * settings.concurrency : settings.concurrency,
        redis,
        log,
        lock,
        mostStalls,
        buried: async ({ events, lane }, id) => {
          if (lane !== undefined) return void await queues.get(targetQueue(settings.name)).remove(id) // the bell finds that nobody is told of the lane
          metrics.events.inc({ target: settings.name, outcome: 'dead' }, events.length)
          metrics.settled.inc({ target: settings.name }, events.length)
          await markSettled(redis, settings.name, events, { dead: true })
        },
        handle: async job => {
          metrics.inHand.inc({ target: settings.name })
          try {
            const { lane } = job.data
            if (lane !== undefined) return await deliverInOrder(job, lane, { settings, calls, gatekeeper, queues, metrics, failures, log, mostDeaths: mostStalls })
            return await deliver(job, { settings, calls, gatekeeper, queues, metrics, failures, log })
          } finally {
            metrics.inHand.dec({ target: settings.name })
          }
        }
      }))
    )
    return { urls: { worker: health.url }, close }
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

/** Resolves with the work, or after so many ms. */
async function within (milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => { timer = setTimeout(resolve, milliseconds) })
  await Promise.race([work, late]).finally(() => { clearTimeout(timer) })
}

/** Deliveries of a target that is no longer in the relay file wait for ever; nobody would notice. */
async function warnOfOrphans (queues: Queues, configured: readonly string[], log: Logger): Promise<void> {
  for (const { target, waiting, delayed, active } of await queueDepths(queues)) {
    const left = waiting + delayed + active
    if (target === undefined || left === 0 || configured.includes(target)) continue
    log.error({ target, deliveries: left }, 'deliveries wait for a target that the relay file no longer names; name it again, or they stay where they are')
  }
}
