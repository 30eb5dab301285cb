import { quarantineEntry, type QuarantineEntry, type Queues } from '@baton/queue'
import { BatonError } from '@baton/runtime'

/** One callback in quarantine; its id tells in which. Throws NOT_FOUND where it is not, or no longer, there. */
export async function quarantineShow (queues: Queues, id: string): Promise<QuarantineEntry> {
  const entry = await quarantineEntry(queues.redis, id)
  if (entry === undefined) throw new BatonError('NOT_FOUND', `There is no ${id} in quarantine; it may have given way to newer ones. \`baton quarantine list\` and \`baton quarantine list --unsigned\` show those there are.`)
  return entry
}
