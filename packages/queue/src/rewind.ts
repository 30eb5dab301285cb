import { randomBytes } from 'node:crypto'
import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Redis } from 'ioredis'
import { rewindKey, rewindsKey } from './names.ts'

/** An operator's order to bring again what was received since some time. */
export const RewindOrder = Type.Object({
  /** In ms since 1970. */
  since: Type.Integer(),
  /** To this target alone; null: to all that want it. */
  target: Type.Union([Type.String(), Type.Null()]),
  /** Only to be told how many events that would be. */
  dryRun: Type.Boolean(),
  at: Type.Integer()
})
export type RewindOrder = Static<typeof RewindOrder>

/** What one journal does about an order: it brings the events after `from`, up to `to`. */
export const RewindPart = Type.Object({
  from: Type.Integer(),
  to: Type.Integer()
})
export type RewindPart = Static<typeof RewindPart>

/** s for which an order stands: a journal whose ingress is down may come back meanwhile. */
export const rewindValidity = 24 * 3_600

/** Gives an order to all journals; its id. */
export async function orderRewind (redis: Redis, order: Omit<RewindOrder, 'at'>): Promise<string> {
  const id = `r${randomBytes(6).toString('hex')}`
  await redis.hset(rewindsKey, id, JSON.stringify({ ...order, at: Date.now() } satisfies RewindOrder))
  return id
}

/** Orders that stand; those that are over are removed. */
export async function rewindOrders (redis: Redis): Promise<Map<string, RewindOrder>> {
  const orders = new Map<string, RewindOrder>()
  for (const [id, text] of Object.entries(await redis.hgetall(rewindsKey))) {
    const order: unknown = JSON.parse(text)
    if (Value.Check(RewindOrder, order) && order.at + rewindValidity * 1_000 > Date.now()) orders.set(id, order)
    else await redis.hdel(rewindsKey, id)
  }
  return orders
}

/** What the journals have answered to an order so far. */
export async function rewindParts (redis: Redis, id: string): Promise<Map<string, RewindPart>> {
  return new Map(Object.entries(await redis.hgetall(rewindKey(id))).flatMap(([journal, text]) => {
    const part: unknown = JSON.parse(text)
    return Value.Check(RewindPart, part) ? [[journal, part] as const] : []
  }))
}

/** A journal's answer. */
export async function answerRewind (redis: Redis, id: string, journal: string, part: RewindPart): Promise<void> {
  await redis.multi().hset(rewindKey(id), journal, JSON.stringify(part)).expire(rewindKey(id), rewindValidity).exec()
}
