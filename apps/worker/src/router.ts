import { Backlogs, consume, intakeQueue, registeredTargets, type Consumer, type Queues, type RegisteredTarget, type Retirement, type TailPublisher } from '@baton/queue'
import type { Logger } from '@baton/runtime'
import type { ConfiguredTarget } from '@baton/targets'
import type { FilterLog } from './filter-log.ts'
import { route } from './route.ts'
import type { WorkerMetrics } from './worker-metrics.ts'

/** How many intake jobs are routed at once; routing is Redis work only. */
const concurrency = 50

/**
 * The lock of intake jobs where a target wants order, in ms: its events wait for those that a killed worker was about to route. An outage of Redis
 * that outlasts it has them routed once more, which changes nothing.
 */
const orderedLock = 5_000

export interface RouterOptions {
  targets: readonly ConfiguredTarget[]
  /** Of the relay file. */
  version: string
  retirements: () => ReadonlyMap<string, Retirement>
  /** Told that routers route by another relay file. */
  stale: () => void
  queues: Queues
  ring: (target: string, journal: string) => void
  tail: TailPublisher
  metrics: WorkerMetrics
  filterLog: FilterLog
  log: Logger
  /** ms for which an intake job stays with a worker that gives no sign of life. */
  lock: number
}

/** Takes events from intake and routes them to targets, as one relay file says. */
export function startRouter ({ lock, log, ...options }: RouterOptions): Consumer {
  const { queues, targets } = options
  const backlogs = new Backlogs(queues, targets.map(registrationOf), log)
  return consume({
    queue: intakeQueue,
    concurrency,
    redis: queues.redis,
    log,
    lock: targets.some(({ ordering }) => ordering !== undefined) ? Math.min(lock, orderedLock) : lock,
    handle: async job => await route(job, { ...options, backlogs, registered: async () => await registeredTargets(queues.redis) })
  })
}

/** What others must know of a target. */
export const registrationOf = ({ name, backlog, retry, ordering }: ConfiguredTarget): RegisteredTarget =>
  ({ name, backlog, maxAge: retry.maxAge, ordered: ordering !== undefined })
