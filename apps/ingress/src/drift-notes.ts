import type { Drift, Event } from '@baton/contracts'
import type { SeenDrift } from '@baton/queue'
import type { IngressMetrics } from './ingress-metrics.ts'

/** Different deviations that are noted between two reports; what comes beyond is counted in the metric alone. */
const mostKinds = 500
/** ms between two reports. */
const interval = 2_000

/** Counts what callbacks have that their documentation does not say, and reports it now and then. Nobody waits for it. */
export class DriftNotes {
  readonly #metrics: Pick<IngressMetrics, 'drift'>
  readonly #report: (seen: SeenDrift[]) => void
  readonly #timer: NodeJS.Timeout
  #seen = new Map<string, SeenDrift>()

  constructor (metrics: Pick<IngressMetrics, 'drift'>, report: (seen: SeenDrift[]) => void) {
    this.#metrics = metrics
    this.#report = report
    this.#timer = setInterval(() => { this.#tell() }, interval).unref()
  }

  note ({ command, receivedAt }: Pick<Event, 'command' | 'receivedAt'>, drifts: readonly Drift[]): void {
    for (const { kind, field, problem, example } of drifts) {
      this.#metrics.drift.inc({ kind })
      const place = field.replaceAll(/\[\d+\]/g, '[]') // the same in every element of a list
      const key = `${kind} ${command} ${place}`
      const known = this.#seen.get(key)
      if (known !== undefined) {
        known.count += 1
        known.last = receivedAt
      } else if (this.#seen.size < mostKinds) {
        this.#seen.set(key, { kind, command, field: place, problem, example, count: 1, first: receivedAt, last: receivedAt })
      }
    }
  }

  /** Reports what was seen since the last time. */
  close (): void {
    clearInterval(this.#timer)
    this.#tell()
  }

  #tell (): void {
    if (this.#seen.size === 0) return
    this.#report([...this.#seen.values()])
    this.#seen = new Map()
  }
}
