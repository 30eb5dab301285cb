import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** The metrics of one process: a registry of its own, so that several may live in one test. */
export function createMetrics () {
  const registry = new Registry()
  return {
    /** Prometheus text. */
    text: async () => await registry.metrics(),
    /** Adds CPU, memory and event loop of this process. */
    withProcess: () => collectDefaultMetrics({ register: registry }),
    counter: <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Counter({ name, help, labelNames: [...labelNames], registers: [registry] }),
    /** @param read tells how many there have been, whenever it is asked for */
    total: (name: string, help: string, read: () => number) =>
      new Counter({ name, help, registers: [registry], collect () { this.reset(); this.inc(read()) } }),
    /** @param read tells the value whenever it is asked for */
    gauge: (name: string, help: string, read: () => number) =>
      new Gauge({ name, help, registers: [registry], collect () { this.set(read()) } }),
    /** @param buckets upper bounds, in seconds */
    histogram: <L extends string>(name: string, help: string, labelNames: readonly L[], buckets: number[]) =>
      new Histogram({ name, help, labelNames: [...labelNames], buckets, registers: [registry] })
  }
}

export type Metrics = ReturnType<typeof createMetrics>
