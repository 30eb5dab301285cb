import { forgetAllDrift, forgetDrift, type Queues, type SeenDrift } from '@baton/queue'
import { BatonError } from '@baton/runtime'
import { drift, type DriftFilter } from './drift.ts'

export interface DriftForgetOptions extends DriftFilter {
  /** Everything: to be said, where nothing else is. */
  all?: boolean | undefined
  /** Only tells what would be forgotten. */
  dryRun?: boolean | undefined
}

/** Forgets drift that was dealt with, and answers what; what comes again is news. Throws BAD_ARGUMENT where neither `all` nor a filter is given, or both are. */
export async function driftForget (queues: Queues, { all = false, dryRun = false, ...filter }: DriftForgetOptions): Promise<SeenDrift[]> {
  const filtered = Object.values(filter).some(value => value !== undefined)
  if (filtered === all) throw new BatonError('BAD_ARGUMENT', 'Say what to forget: --kind, --command or --field, or all of it with --all; --dry-run shows what that would be.')
  const { drift: found } = await drift(queues, filter)
  if (dryRun) return found
  return all ? await forgetAllDrift(queues.redis) : await forgetDrift(queues.redis, found)
}
