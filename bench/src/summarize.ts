import type { Measurement } from './measure.ts'
import { quantile } from './quantile.ts'

/** A contender at one number of connections over all rounds: medians, but for what its name says. Times in ms. */
export interface Summary {
  contender: string
  connections: number
  acksPerSecond: number
  lowest: number
  highest: number
  /** The median of its rounds' acks per second over those of B in the same round. */
  ratioToB: number | undefined
  p50: number
  p99: number
  max: number
  serverMicroseconds: number | undefined
  generatorCores: number | undefined
  wrong: number
  broken: number
}

export const yardstick = 'B'

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
    const ratios = group.flatMap(({ round, connections, acksPerSecond }) => {
      const b = measurements.find(other => other.contender === yardstick && other.round === round && other.connections === connections)
      return b === undefined ? [] : [acksPerSecond / b.acksPerSecond]
    })
    const known = (numbers: Array<number | undefined>) => numbers.filter(number => number !== undefined)
    return [{
      contender: first.contender,
      connections: first.connections,
      acksPerSecond: median(rates) ?? 0,
      lowest: Math.min(...rates),
      highest: Math.max(...rates),
      ratioToB: median(ratios),
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
