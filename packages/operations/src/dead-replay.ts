import { replayDeadLetter, type DeadLetter, type Queues } from '@baton/queue'
import { deadShow } from './dead-show.ts'

/**
 * Sends the dead letters of one event again, at one target or at all; its attempts and age count afresh.
 * @param dryRun only tells which would be sent
 */
export async function deadReplay (queues: Queues, eventId: string, { target, dryRun = false }: { target?: string | undefined, dryRun?: boolean } = {}): Promise<DeadLetter[]> {
  const letters = await deadShow(queues, eventId, { target })
  if (dryRun) return letters
  const replayed = await Promise.all(letters.map(async letter => await replayDeadLetter(queues, letter.target, eventId)))
  return letters.filter((_, at) => replayed[at])
}
