import { positionOfEntry, quarantinePage, type QuarantinePage, type Queues } from '@baton/queue'
import { BatonError } from '@baton/runtime'

export interface QuarantineListOptions {
  /** Those that were wrongly signed, instead of those that were unfit. */
  unsigned?: boolean | undefined
  /** The id of an entry: only older ones are listed. */
  before?: string | undefined
  limit?: number
}

/** The newest callbacks in quarantine. Throws BAD_ARGUMENT where `before` is no id of this quarantine. */
export async function quarantineList (queues: Queues, { unsigned = false, before, limit }: QuarantineListOptions = {}): Promise<QuarantinePage> {
  const name = unsigned ? 'quarantine-unsigned' : 'quarantine'
  if (before !== undefined && positionOfEntry(before)?.name !== name) {
    throw new BatonError('BAD_ARGUMENT', `${before} is no id of this quarantine; its ids begin with ${unsigned ? 'qu_' : 'q_'}.`)
  }
  return await quarantinePage(queues.redis, name, { before, ...(limit !== undefined && { limit }) })
}
