import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Redis } from 'ioredis'
import { retirementsKey } from './names.ts'

/** How a target ends. Times in ms since 1970. */
export const Retirement = Type.Object({
  /** drain: it gets what it still awaits, and nothing new. drop: nothing any more. */
  mode: Type.Union([Type.Literal('drain'), Type.Literal('drop')]),
  since: Type.Number(),
  /** Since when nothing is left of it. */
  done: Type.Optional(Type.Number()),
  /** The active relay file named it no more at some time after that: whoever names it again means a new one. */
  unnamed: Type.Optional(Type.Boolean())
})
export type Retirement = Static<typeof Retirement>

/** Whether events are no longer brought to it. */
export const isOver = ({ mode, done }: Retirement): boolean => mode === 'drop' || done !== undefined

/** All of them, by target. */
export async function retirements (redis: Redis): Promise<Map<string, Retirement>> {
  return checked(Object.entries(await redis.hgetall(retirementsKey)).map(([target, text]) => [target, JSON.parse(text)]))
}

/** The same from a script's answer. */
export const readRetirements = (text: string): Map<string, Retirement> => checked(Object.entries(JSON.parse(text)))

const checked = (found: readonly (readonly [string, unknown])[]): Map<string, Retirement> =>
  new Map(found.flatMap(([target, retirement]) => Value.Check(Retirement, retirement) ? [[target, retirement]] : []))

/** Notes how a target ends. */
export async function noteRetirement (redis: Redis, target: string, retirement: Retirement): Promise<void> {
  await redis.hset(retirementsKey, target, JSON.stringify(retirement))
}

/** Notes that nothing is left of a target; false where it is no longer being retired since then: somebody has taken it back, or Redis has lost its data. */
export async function endRetirement (redis: Redis, target: string, retirement: Retirement): Promise<boolean> {
  return await redis.eval(end, 1, retirementsKey, target, retirement.since, JSON.stringify({ ...retirement, done: retirement.done ?? Date.now() } satisfies Retirement)) === 1
}

const end = `
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text or cjson.decode(text).since ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`

/** A target whose retirement is not done gets new events again; false where it is not being retired. */
export async function cancelRetirement (redis: Redis, target: string): Promise<boolean> {
  return await redis.hdel(retirementsKey, target) === 1
}
