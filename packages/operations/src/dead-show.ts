import { deadLetter, type DeadLetter, type Queues } from '@baton/queue'
import { BatonError } from '@baton/runtime'
import { knownTargets } from './known-targets.ts'

/** The dead letters of one event, at one target or at all. Throws NOT_FOUND where it has none. */
export async function deadShow (queues: Queues, eventId: string, { target }: { target?: string | undefined } = {}): Promise<DeadLetter[]> {
  const found = await Promise.all((await knownTargets(queues, target)).map(async name => await deadLetter(queues, name, eventId)))
  const letters = found.filter(letter => letter !== undefined)
  if (letters.length === 0) throw new BatonError('NOT_FOUND', `There is no dead letter of ${eventId}${target === undefined ? '' : ` at ${target}`}. \`baton dead list\` shows those there are.`)
  return letters
}
