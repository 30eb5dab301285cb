import { driftKinds } from '@baton/contracts'
import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

/** Where callbacks deviate from their documentation. */
const Deviation = Type.Object({
  kind: Type.Union(driftKinds.map(kind => Type.Literal(kind))),
  command: Type.String(),
  /** Such as `MemberList[].Member_Account`; empty for an unknown command. */
  field: Type.String()
})

const Sight = Type.Object({
  problem: Type.String(),
  /** What kind of value stood there, never the value. */
  example: Type.String()
})

/** A deviation, and what has been seen of it. Times in ms since 1970, by the clocks of the ingresses. */
export interface SeenDrift extends Static<typeof Deviation>, Static<typeof Sight> {
  /** Callbacks that had it. */
  count: number
  first: number
  last: number
}

/** Sightings of deviations of which nothing else is kept, as there are too many different ones. */
export interface UnlistedDrift {
  count: number
  /** ms since 1970. */
  last: number
}

/** What an ingress has seen since it last told. */
export interface DriftReport {
  seen: SeenDrift[]
  unlisted?: UnlistedDrift | undefined
}

/** Different deviations that are kept; of what comes beyond, only how often it was seen. */
export const mostDeviations = 1_000

/** One and the same for all sightings of a deviation. */
export const deviationId = ({ kind, command, field }: Static<typeof Deviation>): string => JSON.stringify({ kind, command, field } satisfies Static<typeof Deviation>)

export const sightOf = ({ problem, example }: SeenDrift): string => JSON.stringify({ problem, example } satisfies Static<typeof Sight>)

/** What stands in Redis under this id, `<count> <first> <last> <sight>`; undefined where it is of another version. */
export function restoreDrift (id: string, text: string): SeenDrift | undefined {
  const [, count, first, last, json = ''] = /^(\d{1,16}) (\d{1,16}) (\d{1,16}) (.*)$/.exec(text) ?? []
  const [deviation, sight] = [parsed(id), parsed(json)]
  if (!Value.Check(Deviation, deviation) || !Value.Check(Sight, sight)) return undefined
  return { ...deviation, ...sight, count: Number(count), first: Number(first), last: Number(last) }
}

/** `<count> <last>` */
export function restoreUnlisted (text: string | null): UnlistedDrift | undefined {
  const [, count, last] = /^(\d{1,16}) (\d{1,16})$/.exec(text ?? '') ?? []
  return count === undefined ? undefined : { count: Number(count), last: Number(last) }
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
