import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Redis } from 'ioredis'
import { targetLimitsKey, targetsKey } from './names.ts'

/** What forwarders must know of a target: what bounds its way to catch up. */
export const TargetLimits = Type.Object({
  /** Deliveries that may wait in its queue. */
  backlog: Type.Integer(),
  /** ms after which an event is given up. */
  maxAge: Type.Number(),
  /** It wants the events of one key in their order. */
  ordered: Type.Optional(Type.Boolean())
})
export type TargetLimits = Static<typeof TargetLimits>

export type RegisteredTarget = TargetLimits & { name: string }

/** The names of all targets that ever had a worker and are not retired, sorted. */
export async function registeredTargets (redis: Redis): Promise<string[]> {
  return (await redis.smembers(targetsKey)).sort()
}

/** The limits of a target as its workers have told them; undefined before any of this version did. */
export async function targetLimits (redis: Redis, target: string): Promise<TargetLimits | undefined> {
  const limits: unknown = JSON.parse(await redis.hget(targetLimitsKey, target) ?? 'null')
  return Value.Check(TargetLimits, limits) ? limits : undefined
}
