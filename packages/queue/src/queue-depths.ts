import { intakeQueue, targetQueue } from './names.ts'
import type { Queues } from './queues.ts'
import { registeredTargets } from './registered-targets.ts'

/** How many jobs of a queue are in which state. */
export interface QueueDepth {
  queue: string
  /** The target that it belongs to; none for intake. */
  target?: string
  waiting: number
  delayed: number
  active: number
  dead: number
}

/** Intake first, then every target that ever had a worker. */
export async function queueDepths (queues: Queues): Promise<QueueDepth[]> {
  const depth = async (queue: string): Promise<QueueDepth> => {
    const { wait = 0, prioritized = 0, delayed = 0, active = 0, failed = 0 } =
      await queues.get(queue).getJobCounts('wait', 'prioritized', 'delayed', 'active', 'failed')
    return { queue, waiting: wait + prioritized, delayed, active, dead: failed }
  }
  const targets = await registeredTargets(queues.redis)
  return await Promise.all([depth(intakeQueue), ...targets.map(async target => ({ ...await depth(targetQueue(target)), target }))])
}
