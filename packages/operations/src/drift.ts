import { commandFilter, isCommandPattern, type Drift } from '@baton/contracts'
import { driftSeen, type ListedDrift, type Queues } from '@baton/queue'
import { BatonError } from '@baton/runtime'

/** All that is given must fit. */
export interface DriftFilter {
  kind?: Drift['kind'] | undefined
  /** A command, or a pattern in which * stands for any characters. */
  command?: string | undefined
  /** As it is listed. */
  field?: string | undefined
}

/** What callbacks had that their documentation does not say, the one seen last first. Throws BAD_ARGUMENT where `command` is no pattern of commands. */
export async function drift (queues: Queues, { kind, command = '*', field }: DriftFilter = {}): Promise<ListedDrift> {
  if (!isCommandPattern(command)) throw new BatonError('BAD_ARGUMENT', `${command} is no command and no pattern of commands; one is Group.CallbackAfter*, in quotes.`)
  const wanted = commandFilter([command])
  const listed = await driftSeen(queues.redis)
  return { ...listed, drift: listed.drift.filter(seen => (kind ?? seen.kind) === seen.kind && wanted(seen.command) && (field ?? seen.field) === seen.field) }
}
