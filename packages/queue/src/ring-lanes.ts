import { jobVersion, type JobData } from './job-data.ts'
import { horizonKey, journalsKey, lanesKey, placedKey, settledKey, settledToKey, targetQueue, targetStartsKey, untoldKey } from './names.ts'
import { jobOptions, type Queues } from './queues.ts'

/** Events whose lanes are told of them at once. */
const page = 500

/** The job that tells of a lane. While it is on its way another one would tell nothing new; one that comes while it is worked on is kept for afterwards. */
const bell = (lane: string) => ({
  name: 'lane',
  data: { v: jobVersion, events: [], lane } satisfies JobData,
  opts: { ...jobOptions, deduplication: { id: lane, keepLastIfActive: true } }
})

/** Has somebody look into this lane. */
export async function ringLane (queues: Queues, target: string, lane: string): Promise<void> {
  const { name, data, opts } = bell(lane)
  await queues.get(targetQueue(target)).add(name, data, opts)
}

/**
 * Moves a target's horizon in a journal as far as events are without a gap, and has somebody look into every lane that has got something to deliver by it.
 * Whoever dies in between has told too much, never too little: the next one begins with what was not told.
 */
export async function ringLanes (queues: Queues, target: string, journal: string): Promise<void> {
  const client = await queues.client()
  for (;;) {
    const reply: unknown = await client.runCommand('batonLanesDue', [
      horizonKey(journal, target), placedKey(journal, target, ''), settledKey(journal, target, ''), settledToKey(journal), targetStartsKey, untoldKey(journal, target),
      `${target}:${journal}`, page
    ])
    if (!Array.isArray(reply)) throw new Error('Redis did not say which lanes are due')
    const untold = reply.slice(1).map(String)
    if (untold.length === 0) return
    const lanes = new Set(untold.map(member => `${journal}:${member.slice(0, member.indexOf(':'))}`))
    await queues.get(targetQueue(target)).addBulk([...lanes].map(bell)) // one after the other, and some may stand where it fails: then all are rung again
    await queues.redis.zrem(untoldKey(journal, target), ...untold)
    if (untold.length < page) return
  }
}

/** Rings for all journals what was not told: by a router that died, or from a journal that has caught up. */
export async function ringAllLanes (queues: Queues, target: string): Promise<void> {
  for (const journal of await queues.redis.hkeys(journalsKey)) await ringLanes(queues, target, journal)
}

/** Looks through some of the lanes for those of which no job tells, and rings; where to go on, '0' once all were seen. */
export async function ringForgottenLanes (queues: Queues, target: string, cursor: string): Promise<string> {
  const queue = queues.get(targetQueue(target))
  const [next, lanes] = await queues.redis.sscan(lanesKey(target), cursor, 'COUNT', page)
  const looks = queues.redis.pipeline()
  for (const lane of lanes) looks.exists(queue.toKey(`de:${lane}`))
  const told = await looks.exec() ?? []
  for (const [at, lane] of lanes.entries()) if (told[at]?.[1] === 0) await ringLane(queues, target, lane)
  return next
}
