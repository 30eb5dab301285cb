import type { Position } from './event-bits.ts'
import type { Queues } from './queues.ts'

/** Jobs whose names are read at once. */
const page = 500

/** The name of a job: which events it carries, so that they can be told without its data. */
export function positionsText (positions: readonly Position[]): string {
  const journals = new Map<string, number[]>()
  for (const { journal, seq } of positions) journals.set(journal, [...journals.get(journal) ?? [], seq])
  return [...journals].map(([journal, seqs]) => `${journal}:${rangesText(seqs.sort((a, b) => a - b))}`).join(';')
}

/** `1-4,7` */
function rangesText (seqs: readonly number[]): string {
  const ranges: { first: number, last: number }[] = []
  for (const seq of seqs) {
    const range = ranges.at(-1)
    if (range !== undefined && seq <= range.last + 1) range.last = seq
    else ranges.push({ first: seq, last: seq })
  }
  return ranges.map(({ first, last }) => first === last ? String(first) : `${first}-${last}`).join(',')
}

/** The numbers that a job's name tells of one journal. */
function * numbersOf (name: string, journal: string): Generator<number, void> {
  for (const part of name.split(';')) {
    const [own, ranges = ''] = part.split(':')
    if (own !== journal) continue
    for (const range of ranges.split(',')) {
      const [first = NaN, last = first] = range.split('-').map(Number)
      for (let seq = first; seq <= last; seq++) yield seq
    }
  }
}

/**
 * Which of these events of a journal no job of a queue carries, dead letters aside. A job that moves meanwhile may be overlooked: only who is missing twice is.
 */
export async function missingIn (queues: Queues, queueName: string, journal: string, seqs: Iterable<number>): Promise<Set<number>> {
  const { redis } = queues
  const queue = queues.get(queueName)
  const missing = new Set(seqs)
  const read: ((from: number) => Promise<string[]>)[] = [
    ...['wait', 'paused', 'active'].map(list => async (from: number) => await redis.lrange(queue.toKey(list), from, from + page - 1)), // new ones come first, and only shift the others on
    async from => await redis.zrevrange(queue.toKey('delayed'), from, from + page - 1)
  ]
  for (const ids of read) {
    for (let from = 0; missing.size > 0; from += page) {
      const some = await ids(from)
      const pipeline = redis.pipeline()
      for (const id of some) pipeline.hget(queue.toKey(id), 'name')
      for (const [, name] of await pipeline.exec() ?? []) {
        if (typeof name === 'string') for (const seq of numbersOf(name, journal)) missing.delete(seq)
      }
      if (some.length < page) break
    }
  }
  return missing
}
