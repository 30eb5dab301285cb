import { replayDeadLetter, type DeadLetter, type Queues } from '@baton/queue'
import { BatonError } from '@baton/runtime'
import { deadShow } from './dead-show.ts'

/**
 * Sends the dead letters of one event again, at one target or at all; its attempts and age count afresh.
 * Answers those that it sent: one that somebody else has sent in the meantime is not among them.
 * @param dryRun only tells which would be sent
 */
export async function deadReplay (queues: Queues, eventId: string, { target, dryRun = false }: { target?: string | undefined, dryRun?: boolean } = {}): Promise<DeadLetter[]> {
  const letters = await deadShow(queues, eventId, { target })
  if (dryRun) return letters
  const attempts = await Promise.allSettled(letters.map(async letter => await replayDeadLetter(queues, letter.target, eventId)))
  const sent = letters.filter((_, at) => attempts[at]?.status === 'fulfilled' && attempts[at].value)
  const failure = attempts.find(attempt => attempt.status === 'rejected')
  if (failure === undefined) return sent
  const { message } = BatonError.from(failure.reason)
  const done = sent.length === 0 ? 'nowhere' : `to ${sent.map(letter => letter.target).join(', ')}`
  throw new BatonError('UNEXPECTED', `${eventId} is on its way ${done}, and the rest failed: ${message}. Replay it again for the rest.`, { cause: failure.reason })
}
