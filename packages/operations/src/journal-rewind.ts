import { setTimeout as pause } from 'node:timers/promises'
import { orderRewind, rewindParts, type Queues } from '@baton/queue'
import { BatonError } from '@baton/runtime'
import { knownTargets } from './known-targets.ts'
import { journalList } from './journal-list.ts'

export interface Rewind {
  /** The order's id; it stands in the logs of the ingresses. */
  rewind: string
  since: number
  journals: {
    journal: string
    /** Events that are brought again; undefined where the journal has not answered yet. */
    events: number | undefined
  }[]
}

/** ms after its last sign of life for which a journal's ingress counts as running: it gives one each second. */
const alive = 10_000
/** ms for which journals are waited for. */
const patience = 10_000

/**
 * Has all journals bring again what they received since some time, whatever became of it; to one target or to all that want it.
 * Answers once every journal whose ingress runs has said how many events that is. Throws NOT_FOUND where none runs, or for an unknown target.
 * @param since ms since 1970
 * @param dryRun only asks how many events that would be
 */
export async function journalRewind (queues: Queues, { since, target, dryRun = false }: { since: number, target?: string | undefined, dryRun?: boolean }): Promise<Rewind> {
  if (target !== undefined) await knownTargets(queues, target)
  const journals = (await journalList(queues)).filter(({ silent }) => silent < alive).map(({ journal }) => journal)
  if (journals.length === 0) throw new BatonError('NOT_FOUND', `No ingress has given a sign of life in the last ${alive / 1_000} s, and only an ingress can read its journal. Start it; \`baton journal list\` shows the journals.`)
  const rewind = await orderRewind(queues.redis, { since, target: target ?? null, dryRun })
  const until = Date.now() + patience
  for (;;) {
    const parts = await rewindParts(queues.redis, rewind)
    if (journals.every(journal => parts.has(journal)) || Date.now() > until) {
      return {
        rewind,
        since,
        journals: journals.map(journal => {
          const part = parts.get(journal)
          return { journal, events: part && part.to - part.from }
        })
      }
    }
    await pause(100)
  }
}
