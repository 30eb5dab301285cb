import { setTimeout as wait } from 'node:timers/promises'
import { awaitedFromJournals, forgetTarget, livingWorkers, noteRetirement, queueDepths, retirements, targetStates, type Queues, type Retirement } from '@baton/queue'
import { BatonError } from '@baton/runtime'
import { knownTargets } from './known-targets.ts'

/** What there is of a target: deliveries, of 1 to 100 events each; events in lanes; dead letters. */
export interface Leftover {
  deliveries: number
  laned: number
  dead: number
  /** Events that it awaits from journals. */
  inJournals: number
  /** Why it is not tried at the moment. */
  standsStill?: 'paused' | 'parked'
}

export interface RetireOptions {
  mode: Retirement['mode']
  /** Only tell what there is. */
  dryRun?: boolean | undefined
  /** ms between two looks. */
  interval?: number
  /** Told what is left at each look, and the places of workers that do not know of it yet. */
  onLook?: (left: Leftover, unaware: readonly string[]) => void
}

export interface Retired {
  /** What was there when it began. */
  found: Leftover
  done: boolean
}

/** ms for which a target that is being dropped is left alone, once no worker delivers to it: what was on its way to Redis is there then. */
const settling = 1_000

/** ms for which nothing may be left, before a target that is being drained is done. */
const quiet = 3_000

/** ms between two looks. */
const usualInterval = 500

/**
 * Ends a target. From the beginning it gets no new events. drain: it still gets what it awaits, and ends when nothing is left. drop: it gets nothing any more, and what is left is
 * removed. Whoever interrupts it leaves it half done; the same again goes on. Throws NOT_FOUND, BAD_ARGUMENT where it cannot end so.
 */
export async function targetRetire (queues: Queues, target: string, { mode, dryRun = false, interval = usualInterval, onLook }: RetireOptions): Promise<Retired> {
  const known = (await retirements(queues.redis)).get(target)
  if (known?.done !== undefined) {
    if (!dryRun) await forgetTarget(queues, target, known) // whoever did it may have been interrupted
    return { found: nothing, done: true }
  }
  await knownTargets(queues, target)
  const found = await leftOf(queues, target)
  if (dryRun) return { found, done: false }
  if (known?.mode === 'drop' && mode === 'drain') throw new BatonError('BAD_ARGUMENT', `${target} is being dropped already; \`baton target retire ${target} --drop\` goes on with it.`)
  const retirement: Retirement = { mode, since: known?.since ?? Date.now() }
  await noteRetirement(queues.redis, target, retirement)

  for (let emptySince: number | undefined; ; await wait(interval)) {
    if ((await retirements(queues.redis)).get(target)?.since !== retirement.since) throw taken(target)
    const workers = await livingWorkers(queues.redis)
    const delivering = workers.filter(({ delivers }) => delivers.includes(target))
    const unaware = workers.filter(({ knowsRetired }) => !knowsRetired.includes(target))
    const left = await leftOf(queues, target)
    onLook?.(left, unaware.map(({ place }) => place))
    if (unaware.length > 0) {
      emptySince = undefined
      continue
    }
    if (mode === 'drop') {
      if (delivering.length > 0) continue
      await wait(settling)
      break
    }
    const isEmpty = left.deliveries + left.laned + left.inJournals === 0
    if (isEmpty && left.dead > 0) throw new BatonError('BAD_ARGUMENT', `Everything that waited for ${target} was delivered, but for ${left.dead} dead letters. Replay them or drop them (\`baton dead list --target ${target}\`) and run this again, or use --drop instead of --drain.`)
    if (!isEmpty && delivering.length === 0) throw new BatonError('BAD_ARGUMENT', `No worker delivers to ${target}, and events wait for it. Start one whose relay file names it and run this again, or give them up with --drop instead of --drain.`)
    emptySince = isEmpty ? emptySince ?? performance.now() : undefined
    if (emptySince !== undefined && performance.now() - emptySince >= quiet) break
  }
  if (!await forgetTarget(queues, target, retirement)) throw taken(target)
  return { found, done: true }
}

const nothing: Leftover = { deliveries: 0, laned: 0, dead: 0, inJournals: 0 }

const taken = (target: string) => new BatonError('BAD_ARGUMENT', `${target} is no longer being retired: somebody has resumed it, or Redis has lost its data. Look at \`baton status\`, and run this again if it is still to end.`)

async function leftOf (queues: Queues, target: string): Promise<Leftover> {
  const depth = (await queueDepths(queues)).find(depth => depth.target === target)
  const state = (await targetStates(queues, [target])).get(target)
  if (depth === undefined) return nothing
  const standsStill = state?.pausedSince !== undefined ? 'paused' : state?.parkedSince !== undefined ? 'parked' : undefined
  return {
    deliveries: depth.waiting + depth.delayed + depth.active,
    laned: state?.laned ?? 0,
    dead: depth.dead,
    inJournals: await awaitedFromJournals(queues.redis, target),
    ...standsStill !== undefined && { standsStill }
  }
}
