import { activeRelay, livingWorkers, queueDepths, retirements, targetStates, type ActiveRelay, type QueueDepth, type Queues, type TargetState, type WorkerSign } from '@baton/queue'

export interface QueueStatus extends QueueDepth, Partial<TargetState> {
  /** How it ends, if it does. */
  retiring?: 'drain' | 'drop'
  /** No worker delivers to it. */
  orphaned?: boolean
}

export interface Status {
  queues: QueueStatus[]
  /** The relay file by which events are routed; null before any worker was there. */
  relay: ActiveRelay | null
  workers: WorkerSign[]
}

/** How full every queue is, what is with each target, and who works on them. */
export async function status (queues: Queues): Promise<Status> {
  const [depths, workers, relay, retiring] = await Promise.all([queueDepths(queues), livingWorkers(queues.redis), activeRelay(queues.redis), retirements(queues.redis)])
  const states = await targetStates(queues, depths.flatMap(({ target }) => target ?? []))
  const ofTarget = (target: string): Partial<QueueStatus> => {
    const mode = retiring.get(target)?.mode
    return { ...states.get(target), ...mode !== undefined && { retiring: mode }, orphaned: !workers.some(({ delivers }) => delivers.includes(target)) }
  }
  return { queues: depths.map(depth => ({ ...depth, ...depth.target !== undefined && ofTarget(depth.target) })), relay: relay ?? null, workers }
}
