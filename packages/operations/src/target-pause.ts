import { pauseTarget, resumeTarget, type Queues } from '@baton/queue'
import { knownTargets } from './known-targets.ts'

/** Ends all attempts at a target until it is resumed. Answers whether it was not paused before. Throws NOT_FOUND. */
export async function targetPause (queues: Queues, target: string, reason?: string): Promise<boolean> {
  await knownTargets(queues, target)
  return await pauseTarget(queues, target, reason)
}

/** Lets a target have events again at once, whether it is paused, parked or has asked for a rest. Answers whether anything stood in the way. Throws NOT_FOUND. */
export async function targetResume (queues: Queues, target: string): Promise<boolean> {
  await knownTargets(queues, target)
  return await resumeTarget(queues, target)
}
