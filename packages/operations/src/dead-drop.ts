import { dropDeadLetter, type DeadLetter, type Queues } from '@baton/queue'
import { deadShow } from './dead-show.ts'

/**
 * Gives up the dead letters of one event for good, at one target or at all; a key that waits because of it goes on without it.
 * Answers those that it dropped.
 * @param dryRun only tells which would be dropped
 */
export async function deadDrop (queues: Queues, eventId: string, { target, dryRun = false }: { target?: string | undefined, dryRun?: boolean } = {}): Promise<DeadLetter[]> {
  const letters = await deadShow(queues, eventId, { target })
  if (dryRun) return letters
  const dropped: DeadLetter[] = []
  for (const letter of letters) if (await dropDeadLetter(queues, letter.target, eventId)) dropped.push(letter)
  return dropped
}
