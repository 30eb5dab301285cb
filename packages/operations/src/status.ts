import { queueDepths, targetStates, type QueueDepth, type Queues, type TargetState } from '@baton/queue'

export interface Status {
  queues: (QueueDepth & Partial<TargetState>)[]
}

/** How full every queue is, and what is with each target. */
export async function status (queues: Queues): Promise<Status> {
  const depths = await queueDepths(queues)
  const states = await targetStates(queues, depths.flatMap(({ target }) => target ?? []))
  return { queues: depths.map(depth => ({ ...depth, ...(depth.target !== undefined && states.get(depth.target)) })) }
}
