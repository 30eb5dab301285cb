import { deadLetters, type DeadLetter, type Queues } from '@baton/queue'
import { knownTargets } from './known-targets.ts'

export interface DeadList {
  /** How many there are in all. */
  total: number
  /** The newest of them, newest first. */
  letters: DeadLetter[]
}

/** The newest dead letters of one target or of all. */
export async function deadList (queues: Queues, { target, limit = 50 }: { target?: string | undefined, limit?: number } = {}): Promise<DeadList> {
  const pages = await Promise.all((await knownTargets(queues, target)).map(async name => await newest(queues, name, limit)))
  return {
    total: pages.reduce((sum, { total }) => sum + total, 0),
    letters: pages.flatMap(({ letters }) => letters).sort((a, b) => b.diedAt - a.diedAt).slice(0, limit)
  }
}

/** Page by page, since one large page would hold Redis up. */
async function newest (queues: Queues, target: string, limit: number): Promise<DeadList> {
  const letters: DeadLetter[] = []
  let total = 0
  for (let offset = 0; offset < limit; offset += 200) {
    const page = await deadLetters(queues, target, { offset, limit: Math.min(200, limit - offset) })
    letters.push(...page.letters)
    total = page.total
    if (offset + 200 >= total) break
  }
  return { total, letters }
}
