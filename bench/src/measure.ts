import type { Contender } from './contenders.ts'
import { cpuSeconds } from './cpu-seconds.ts'
import type { LoadGenerator } from './load-generator.ts'
import type { Load } from './load.ts'
import { openSite } from './open-site.ts'
import type { Options } from './options.ts'

/** One contender at one number of connections in one round. Acks are the right answers. */
export interface Measurement extends Load {
  contender: string
  round: number
  connections: number
  acksPerSecond: number
  /** CPU time of the server process for each answer, in microseconds; its other threads count, Redis and worker do not. */
  serverMicroseconds: number | undefined
  generatorCores: number | undefined
}

/** Connections of the warm-up, whose numbers are thrown away. */
const warmUpConnections = 64

/** Starts a contender afresh, warms it up, and puts it under load with each number of connections. */
export async function measure (contender: Contender, round: number, generator: LoadGenerator, { connections, seconds, warmUpSeconds }: Options): Promise<Measurement[]> {
  const site = await openSite()
  try {
    const { url, pid } = await contender.start(site)
    await generator.run(url, warmUpConnections, warmUpSeconds)
    const measurements: Measurement[] = []
    for (const count of connections) {
      const before = await cpuSeconds(pid)
      const { cores, ...load } = await generator.run(url, count, seconds)
      const after = await cpuSeconds(pid)
      measurements.push({
        contender: contender.name,
        round,
        connections: count,
        ...load,
        acksPerSecond: (load.answers - load.wrong) / load.seconds,
        serverMicroseconds: before === undefined || after === undefined ? undefined : (after - before) * 1e6 / load.answers,
        generatorCores: cores
      })
    }
    return measurements
  } finally {
    await site.close()
  }
}
