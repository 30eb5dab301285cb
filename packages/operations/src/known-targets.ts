import { registeredTargets, type Queues } from '@baton/queue'
import { BatonError } from '@baton/runtime'

/** The targets that a verb looks at: the named one, else all. Throws NOT_FOUND for a name that no worker ever had. */
export async function knownTargets (queues: Queues, target?: string): Promise<string[]> {
  const known = await registeredTargets(queues.redis)
  if (target === undefined) return known
  if (!known.includes(target)) {
    throw new BatonError('NOT_FOUND', `There is no target ${target}; there ${known.length === 0 ? 'are none yet: start a worker' : `are ${known.join(', ')}`}.`)
  }
  return [target]
}
