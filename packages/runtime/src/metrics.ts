import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** What a metric is called and made of, for docs/metrics.md. */
export interface MetricDescription {
  name: string
  type: 'counter' | 'gauge' | 'histogram'
  labels: readonly string[]
}

export interface Sample<L extends string> {
  labels: Record<L, string>
  value: number
}

/** The metrics of one process: a registry of its own, so that several may live in one test. */
export function createMetrics () {
  const registry = new Registry()
  const described: MetricDescription[] = []
  const configured = <L extends string>(type: MetricDescription['type'], name: string, help: string, labelNames: readonly L[] = []) => {
    described.push({ name, type, labels: labelNames })
    return { name, help, labelNames: [...labelNames], registers: [registry] }
  }
  return {
    /** Prometheus text. */
    text: async () => await registry.metrics(),
    /** Adds CPU, memory and event loop of this process. */
    withProcess: () => collectDefaultMetrics({ register: registry }),
    /** Those below, as they were made; without those of the process. */
    described: described as readonly MetricDescription[],
    counter: <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Counter(configured('counter', name, help, labelNames)),
    /** @param read tells how many there have been, whenever it is asked for */
    total: (name: string, help: string, read: () => number) =>
      new Counter({ ...configured('counter', name, help), collect () { this.reset(); this.inc(read()) } }),
    /** @param read tells the value whenever it is asked for; undefined where it is not known, which is then left out */
    gauge: (name: string, help: string, read: () => number | undefined) =>
      new Gauge({
        ...configured('gauge', name, help),
        collect () {
          const value = read()
          if (value === undefined) this.remove()
          else this.set(value)
        }
      }),
    /** @param read tells all values whenever it is asked for; those that it does not tell are left out */
    gauges: <L extends string>(name: string, help: string, labelNames: readonly L[], read: () => readonly Sample<L>[] | Promise<readonly Sample<L>[]>) =>
      new Gauge({
        ...configured('gauge', name, help, labelNames),
        async collect () {
          const samples = await read()
          this.reset()
          for (const { labels, value } of samples) this.set(labels, value)
        }
      }),
    /** A gauge that is counted up and down. */
    level: <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Gauge(configured('gauge', name, help, labelNames)),
    /** @param buckets upper bounds, in seconds */
    histogram: <L extends string>(name: string, help: string, labelNames: readonly L[], buckets: number[]) =>
      new Histogram({ ...configured('histogram', name, help, labelNames), buckets })
  }
}

export type Metrics = ReturnType<typeof createMetrics>
