import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Redis } from 'ioredis'
import { journalsKey, pointerKey, targetLimitsKey, targetStartsKey, targetsKey } from './names.ts'

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

/**
 * Makes targets known. Events that were forwarded before a new one came are none of its own; but where no target is known at all, nothing
 * was ever routed, or Redis has lost its data: then everything is theirs.
 */
export async function registerTargets (redis: Redis, targets: readonly RegisteredTarget[]): Promise<void> {
  const journals = await redis.hkeys(journalsKey)
  await redis.eval(register, 3 + journals.length, targetsKey, targetStartsKey, targetLimitsKey, ...journals.map(pointerKey),
    JSON.stringify(targets.map(({ name, ...limits }) => ({ name, limits: JSON.stringify(limits) }))), ...journals)
}

/** In one step: a target that is known, but without its start, would be waited for in vain. */
const register = `
local fresh = redis.call('SCARD', KEYS[1]) == 0
for _, target in ipairs(cjson.decode(ARGV[1])) do
  if redis.call('SADD', KEYS[1], target.name) == 1 and not fresh then
    for nth = 4, #KEYS do
      redis.call('HSETNX', KEYS[2], target.name .. ':' .. ARGV[nth - 2], string.match(redis.call('GET', KEYS[nth]) or '0', '^%d+'))
    end
  end
  redis.call('HSET', KEYS[3], target.name, target.limits)
end`

/** Says again that these targets are there, as whoever registered them must every few seconds: a Redis that lost its data would wait for none. */
export async function renewTargets (redis: Redis, targets: readonly RegisteredTarget[]): Promise<void> {
  if (targets.length === 0) return
  await redis.multi()
    .sadd(targetsKey, ...targets.map(({ name }) => name))
    .hset(targetLimitsKey, Object.fromEntries(targets.map(({ name, ...limits }) => [name, JSON.stringify(limits)])))
    .exec()
}

/** The names of all targets that ever had a worker, sorted. */
export async function registeredTargets (redis: Redis): Promise<string[]> {
  return (await redis.smembers(targetsKey)).sort()
}

/** The limits of a target as its workers have told them; undefined before any of this version did. */
export async function targetLimits (redis: Redis, target: string): Promise<TargetLimits | undefined> {
  const limits: unknown = JSON.parse(await redis.hget(targetLimitsKey, target) ?? 'null')
  return Value.Check(TargetLimits, limits) ? limits : undefined
}
