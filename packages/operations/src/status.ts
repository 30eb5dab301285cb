import { queueDepths, type QueueDepth, type Queues } from '@baton/queue'

export interface Status {
  queues: QueueDepth[]
}

/** How full every queue is. */
export async function status (queues: Queues): Promise<Status> {
  return { queues: await queueDepths(queues) }
}
