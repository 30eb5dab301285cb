import type { Measurement } from './measure.ts'
import { quantile } from './quantile.ts'

/** A contender at one number of connections over all rounds: medians, but for what its name says. Times in ms. */
export interface Summary {
  contender: string
  connections: number
  acksPerSecond: number
  lowest: number
  highest: number
  /** For each yardstick the median of its rounds' acks per second over those of the yardstick in the same round. */
  ratios: Record<Yardstick, Ratio | undefined>
  p50: number
  p99: number
  max: number
  serverMicroseconds: number | undefined
  generatorCores: number | undefined
  wrong: number
  broken: number
}

export interface Ratio {
  median: number
  lowest: number
  highest: number
}

/** B: Baton itself, but for its journal. F: what the least that Fastify can do takes. */
export const yardsticks = ['B', 'F'] as const
type Yardstick = typeof yardsticks[number]

export function summarize (measurements: readonly Measurement[]): Summary[] {
  const groups = new Map<string, Measurement[]>()
  for (const one of measurements) {
    const key = `${one.contender} ${one.connections}`
    groups.set(key, [...groups.get(key) ?? [], one])
  }
  return [...groups.values()].flatMap(group => {
    const [first] = group
    if (first === undefined) return []
    const rates = group.map(({ acksPerSecond }) => acksPerSecond)
    const ratioTo = (yardstick: Yardstick): Ratio | undefined => {
      const ratios = group.flatMap(({ round, connections, acksPerSecond }) => {
        const other = measurements.find(other => other.contender === yardstick && other.round === round && other.connections === connections)
        return other === undefined ? [] : [acksPerSecond / other.acksPerSecond]
      })
      const middle = median(ratios)
      return middle === undefined ? undefined : { median: middle, lowest: Math.min(...ratios), highest: Math.max(...ratios) }
    }
    const known = (numbers: Array<number | undefined>) => numbers.filter(number => number !== undefined)
    return [{
      contender: first.contender,
      connections: first.connections,
      acksPerSecond: median(rates) ?? 0,
      lowest: Math.min(...rates),
      highest: Math.max(...rates),
      ratios: { B: ratioTo('B'), F: ratioTo('F') },
      p50: median(group.map(({ p50 }) => p50)) ?? 0,
      p99: median(group.map(({ p99 }) => p99)) ?? 0,
      max: Math.max(...group.map(({ max }) => max)),
      serverMicroseconds: median(known(group.map(({ serverMicroseconds }) => serverMicroseconds))),
      generatorCores: median(known(group.map(({ generatorCores }) => generatorCores))),
      wrong: group.reduce((sum, { wrong }) => sum + wrong, 0),
      broken: group.reduce((sum, { broken }) => sum + broken, 0)
    }]
  })
}

const median = (numbers: number[]): number | undefined =>
  numbers.length === 0 ? undefined : quantile(numbers.toSorted((a, b) => a - b), 0.5)
