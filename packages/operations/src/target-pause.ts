import { cancelRetirement, pauseTarget, resumeTarget, retirements, type Queues } from '@baton/queue'
import { BatonError } from '@baton/runtime'
import { knownTargets } from './known-targets.ts'

/** Ends all attempts at a target until it is resumed. Answers whether it was not paused before. Throws NOT_FOUND. */
export async function targetPause (queues: Queues, target: string, reason?: string): Promise<boolean> {
  await knownTargets(queues, target)
  return await pauseTarget(queues, target, reason)
}

/** Lets a target have events again at once, whether it is paused, parked, being drained or has asked for a rest. Answers whether anything stood in the way. Throws NOT_FOUND, and BAD_ARGUMENT where it is being dropped. */
export async function targetResume (queues: Queues, target: string): Promise<boolean> {
  await knownTargets(queues, target)
  const retirement = (await retirements(queues.redis)).get(target)
  if (retirement?.mode === 'drop') throw new BatonError('BAD_ARGUMENT', `${target} is being dropped; \`baton target retire ${target} --drop\` goes on with it.`)
  const wasRetiring = retirement !== undefined && await cancelRetirement(queues.redis, target)
  return await resumeTarget(queues, target) || wasRetiring
}
