import { commandFilter, entitiesOf, type JournalledEvent } from '@baton/contracts'
import { watchTail, type Queues } from '@baton/queue'

export interface TailFilter {
  /** Commands, or patterns with `*`. */
  commands?: readonly string[] | undefined
  app?: number | undefined
  /** Of each of these what the event must be about. */
  group?: string | undefined
  topic?: string | undefined
  account?: string | undefined
}

export interface TailOptions {
  filter?: TailFilter
  /** Ends after so many events. */
  count?: number | undefined
  /** Ends it. */
  signal: AbortSignal
  onEvent: (event: JournalledEvent) => void
  /** So many times events came by too fast to be seen. */
  onMissed?: (times: number) => void
  /** Redis does not take that somebody watches, so events may go by unseen. */
  onBlind?: (error: unknown) => void
}

/** Tells of events as they are routed, duplicates and repeats aside. Resolves when it has ended. */
export async function tail ({ redis }: Queues, { filter = {}, count = Infinity, signal, onEvent, onMissed = () => {}, onBlind = () => {} }: TailOptions): Promise<void> {
  const matches = filterOf(filter)
  let seen = 0
  let end = () => {}
  const ended = new Promise<void>(resolve => { end = resolve })
  const stop = await watchTail(redis, {
    event: event => {
      if (seen >= count || !matches(event)) return
      onEvent(event)
      if (++seen >= count) end()
    },
    missed: onMissed,
    blind: onBlind
  })
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  await ended
  signal.removeEventListener('abort', end)
  await stop()
}

/** Bodies are read only where somebody asks for what they are about. */
function filterOf ({ commands, app, group, topic, account }: TailFilter): (event: JournalledEvent) => boolean {
  const wanted = commands === undefined ? () => true : commandFilter(commands)
  return ({ command, appId, body }) => {
    if (!wanted(command) || (app !== undefined && appId !== app)) return false
    if (group === undefined && topic === undefined && account === undefined) return true
    const { groups, topics, accounts } = entitiesOf(body)
    return (group === undefined || groups.includes(group)) && (topic === undefined || topics.includes(topic)) && (account === undefined || accounts.includes(account))
  }
}
