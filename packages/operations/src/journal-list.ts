import { registeredJournals, type JournalSign, type Queues } from '@baton/queue'

export interface ListedJournal extends JournalSign {
  journal: string
  /** ms since its last sign of life. */
  silent: number
}

/** All journals, the one that was heard of last first. */
export async function journalList (queues: Queues, now: number = Date.now()): Promise<ListedJournal[]> {
  return (await registeredJournals(queues.redis)).map(sign => ({ ...sign, silent: Math.max(0, now - sign.at) }))
}
