import { carryOut } from './marks.ts'
import { journalsKey, lanedBytesKey, lanedKey, untoldKey } from './names.ts'
import type { Queues } from './queues.ts'

/** How much of a delivery's room one event of a lane takes, and one byte of it: a delivery holds at most 100 events, and 64 KB. */
const eventShare = 1 / 100
const byteShare = 1 / 65_536

/** What waits for a target in lanes, in deliveries as they would be without order: 0 where it has none. */
export async function lanedDeliveries (queues: Queues, target: string): Promise<number> {
  const [events, bytes] = await carryOut(queues.redis.pipeline().hlen(lanedKey(target)).get(lanedBytesKey(target)))
  return inDeliveries(Number(events), Number(bytes ?? 0))
}

const inDeliveries = (events: number, bytes: number): number => Math.ceil(Math.max(events * eventShare, bytes * byteShare))

/** How many of these deliveries cannot go on yet, since an earlier event of their journal is not there: they must not keep it away. */
export async function lanedBehindGaps (queues: Queues, target: string): Promise<number> {
  const { redis } = queues
  const looks = redis.pipeline().hlen(lanedKey(target)).get(lanedBytesKey(target))
  for (const journal of await redis.hkeys(journalsKey)) looks.zcard(untoldKey(journal, target))
  const [events, bytes, ...untold] = (await carryOut(looks)).map(reply => Number(reply ?? 0))
  if (events === undefined || bytes === undefined || events === 0) return 0
  return Math.floor(inDeliveries(events, bytes) * untold.reduce((sum, count) => sum + count, 0) / events)
}

/** Which of these events of a journal stand in no lane of a target. */
export async function missingInLanes (queues: Queues, target: string, journal: string, seqs: ReadonlySet<number>): Promise<Set<number>> {
  const looks = queues.redis.pipeline()
  for (const seq of seqs) looks.hexists(lanedKey(target), `${journal}:${seq}`)
  const there = await carryOut(looks)
  return new Set([...seqs].filter((_, at) => there[at] === 0))
}
