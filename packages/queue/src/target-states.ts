import { carryOut } from './marks.ts'
import { blockedLanesKey, droppedKey, gateKey, lanedKey, laggingKey, targetQueue } from './names.ts'
import type { Queues } from './queues.ts'

/** What becomes of a target's events beyond what is in its queue, and why it is not tried. Times in ms since 1970. */
export interface TargetState {
  /** Since when it gets no more deliveries until it has caught up. */
  laggingSince?: number
  /** Events that were dropped for it in all. */
  dropped: number
  /** Events that wait in lanes, where it wants them in order. */
  laned: number
  /** Keys that wait for an operator. */
  blocked: number
  /** Since when it is only probed now and then, as it failed again and again. */
  parkedSince?: number
  /** Until when nobody tries it, as it has asked for that or is parked. */
  shutUntil?: number
  /** Since when an operator has it paused. */
  pausedSince?: number
  pauseReason?: string
}

export async function targetStates (queues: Queues, targets: readonly string[]): Promise<Map<string, TargetState>> {
  const looks = queues.redis.pipeline()
  for (const target of targets) {
    looks.hget(laggingKey, target).hget(droppedKey, target)
      .hmget(gateKey(target), 'parked', 'until', 'pausedSince', 'pauseReason')
      .hexists(queues.get(targetQueue(target)).toKey('meta'), 'paused')
      .hlen(lanedKey(target)).hlen(blockedLanesKey(target))
  }
  const found = await carryOut(looks)
  return new Map(targets.map((target, at) => {
    const [lagging, dropped, gate, isPaused, laned, blocked] = found.slice(6 * at, 6 * at + 6)
    const [parked, until, pausedSince, pauseReason]: unknown[] = Array.isArray(gate) ? gate : []
    return [target, {
      dropped: Number(dropped ?? 0),
      laned: Number(laned),
      blocked: Number(blocked),
      ...typeof lagging === 'string' && { laggingSince: Number(lagging) },
      ...typeof parked === 'string' && { parkedSince: Number(parked) },
      ...Number(until ?? 0) > Date.now() && { shutUntil: Number(until) },
      ...isPaused === 1 && { pausedSince: Number(pausedSince ?? 0) },
      ...isPaused === 1 && typeof pauseReason === 'string' && { pauseReason }
    }]
  }))
}
