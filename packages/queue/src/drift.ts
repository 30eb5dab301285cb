import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Redis } from 'ioredis'
import { driftKey } from './names.ts'

/** Something that callbacks have and their documentation does not say. */
const DriftPlace = Type.Object({
  kind: Type.Union([Type.Literal('unknown-command'), Type.Literal('unknown-field'), Type.Literal('unfit-field')]),
  command: Type.String(),
  /** Such as `MemberList[].Member_Account`; empty for an unknown command. */
  field: Type.String()
})

const DriftSight = Type.Object({
  problem: Type.String(),
  /** What kind of value stood there, never the value. */
  example: Type.String(),
  /** ms since 1970. */
  last: Type.Number()
})

export interface SeenDrift extends Static<typeof DriftPlace>, Static<typeof DriftSight> {
  count: number
  /** ms since 1970. */
  first: number
}

/** Most places that are kept; of what comes beyond nothing is. */
const mostPlaces = 1_000

const idOf = ({ kind, command, field }: SeenDrift): string => JSON.stringify({ kind, command, field })

/** Adds what was seen to what is kept; answers what was never seen before. */
export async function keepDrift (redis: Redis, seen: readonly SeenDrift[]): Promise<SeenDrift[]> {
  const known = await redis.hmget(driftKey('first'), ...seen.map(idOf))
  const room = mostPlaces - await redis.hlen(driftKey('first'))
  const fresh = seen.filter((_, at) => known[at] === null).slice(0, Math.max(0, room))
  const kept = [...seen.filter((_, at) => known[at] !== null), ...fresh]
  if (kept.length === 0) return []
  const change = redis.multi()
  for (const drift of kept) {
    const { problem, example, last, count, first } = drift
    change.hsetnx(driftKey('first'), idOf(drift), first).hincrby(driftKey('counts'), idOf(drift), count)
      .hset(driftKey('latest'), idOf(drift), JSON.stringify({ problem, example, last } satisfies Static<typeof DriftSight>))
  }
  for (const [error] of await change.exec() ?? []) if (error !== null) throw error
  return fresh
}

/** All that is kept, the latest first. */
export async function driftSeen (redis: Redis): Promise<SeenDrift[]> {
  const [counts, first, latest] = await Promise.all([redis.hgetall(driftKey('counts')), redis.hgetall(driftKey('first')), redis.hgetall(driftKey('latest'))])
  return Object.entries(first).flatMap(([id, time]) => {
    const [place, sight] = [parsed(id), parsed(latest[id])]
    if (!Value.Check(DriftPlace, place) || !Value.Check(DriftSight, sight)) return [] // of another version
    return [{ ...place, ...sight, count: Number(counts[id] ?? 0), first: Number(time) }]
  }).sort((one, other) => other.last - one.last)
}

/** Forgets it, so that what comes again is news. */
export async function forgetDrift (redis: Redis): Promise<void> {
  await redis.del(driftKey('counts'), driftKey('first'), driftKey('latest'))
}

function parsed (text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
