import { awaitedFromJournals, backlogOf, consume, lanedDeliveries, markSettled, targetQueue, type Consumer, type Queues } from '@baton/queue'
import type { Logger } from '@baton/runtime'
import type { ConfiguredTarget } from '@baton/targets'
import { Calls } from './calls.ts'
import { deliver } from './deliver.ts'
import { failureLog, type FailureLog } from './failure-log.ts'
import { Gatekeeper } from './gatekeeper.ts'
import { LaneBell } from './lane-bell.ts'
import { deliverInOrder } from './ordered.ts'
import type { WorkerMetrics } from './worker-metrics.ts'
import { within } from './within.ts'

/** Deliveries in hand for each call that a target takes at once, where it takes events of several together. */
const inHandForEachCall = 4

/** After so many deaths of workers that had it in hand, a delivery is given up: it may be what kills them. */
const mostStalls = 5

/** ms between two looks for lanes of a target that wants no order. */
const laneLookInterval = 2_000

/** How long an end waits for a target to let go of its connections, in ms: a database that hangs does not say goodbye. */
const farewell = 500

export interface ServeOptions {
  queues: Queues
  metrics: WorkerMetrics
  log: Logger
  /** ms for which a delivery stays with a worker that gives no sign of life. */
  lock: number
  embeddedPostgresPort: number
}

/** A target that this worker delivers to. */
export interface ServedTarget {
  readonly settings: ConfiguredTarget
  readonly failures: FailureLog
  /** Begins to take deliveries. */
  begin: () => Promise<void>
  /** Events of a journal were routed that it wants in order. */
  ring: (journal: string) => void
  /** Whether nothing waits for it any more, as a delivery, in a lane, or in a journal. */
  isIdle: () => Promise<boolean>
  /** Takes no more deliveries, waits at most `patience` ms for those in hand, and lets go. */
  close: (patience: number) => Promise<void>
}

/** Opens a target; throws where a module of somebody's own cannot be opened. */
export async function serveTarget (settings: ConfiguredTarget, { queues, metrics, log, lock, embeddedPostgresPort }: ServeOptions): Promise<ServedTarget> {
  const { name, ordering, together, concurrency } = settings
  const target = await settings.open({ log, embeddedPostgresPort })
  const options = { settings, queues, metrics, log, calls: new Calls(target, { ...settings, most: concurrency, log }), failures: failureLog(name, log), gatekeeper: new Gatekeeper(queues, settings, log) }
  let consumer: Consumer | undefined
  let bell: LaneBell | undefined
  let looking: NodeJS.Timeout | undefined
  let closed = false
  metrics.expect(name)
  /** What it once wanted in order still comes in order, also where it comes into its lane late. */
  const ringWhereLaned = async () => {
    if (bell !== undefined || closed || (ordering === undefined && await lanedDeliveries(queues, name) === 0)) return
    if (!closed) bell ??= new LaneBell(queues, name)
  }

  return {
    settings,
    failures: options.failures,
    begin: async () => {
      await ringWhereLaned()
      if (closed) return // meanwhile
      looking = setInterval(() => { if (queues.redis.status === 'ready') void ringWhereLaned().catch(() => {}) }, laneLookInterval)
      consumer = consume({
        queue: targetQueue(name),
        concurrency: together > 1 ? inHandForEachCall * concurrency : concurrency,
        redis: queues.redis,
        log,
        lock,
        mostStalls,
        buried: async ({ events, lane }, id) => {
          if (lane !== undefined) return void await queues.get(targetQueue(name)).remove(id) // the bell finds that nobody is told of the lane
          metrics.events.inc({ target: name, outcome: 'dead' }, events.length)
          metrics.settled.inc({ target: name }, events.length)
          await markSettled(queues.redis, name, events, { dead: true })
        },
        handle: async job => {
          metrics.inHand.inc({ target: name })
          try {
            const { lane } = job.data
            if (lane !== undefined) return await deliverInOrder(job, lane, { ...options, mostDeaths: mostStalls })
            return await deliver(job, options)
          } finally {
            metrics.inHand.dec({ target: name })
          }
        }
      })
    },
    ring: journal => { bell?.ring(journal) },
    isIdle: async () => await backlogOf(queues, name) === 0 && await awaitedFromJournals(queues.redis, name) === 0,
    close: async patience => {
      closed = true
      clearInterval(looking)
      await consumer?.close(patience)
      await bell?.close()
      await within(farewell, target.close().catch((err: unknown) => { log.warn({ target: name, err }, 'a target did not end well') }))
    }
  }
}
