import type { BodyVerdict, Event } from '@baton/contracts'
import type { DriftReport, SeenDrift, UnlistedDrift } from '@baton/queue'
import type { IngressMetrics } from './ingress-metrics.ts'

/** Different deviations that are noted between two reports; what comes beyond is only counted. */
const mostDifferent = 500
/** ms between two reports. */
const interval = 2_000

/** Counts what callbacks have that their documentation does not say, and reports it now and then. Nobody waits for it. */
export class DriftNotes {
  readonly #metrics: Pick<IngressMetrics, 'drift'>
  readonly #report: (report: DriftReport) => void
  readonly #timer: NodeJS.Timeout
  #seen = new Map<string, SeenDrift>()
  #unlisted: UnlistedDrift | undefined

  constructor (metrics: Pick<IngressMetrics, 'drift'>, report: (report: DriftReport) => void) {
    this.#metrics = metrics
    this.#report = report
    this.#timer = setInterval(() => { this.#tell() }, interval).unref()
  }

  note ({ command, receivedAt }: Pick<Event, 'command' | 'receivedAt'>, { drifts, more = false }: Omit<Extract<BodyVerdict, { kind: 'drift' }>, 'kind'>): void {
    for (const { kind, field, problem, example } of drifts) {
      this.#metrics.drift.inc({ kind })
      const key = `${kind} ${command} ${field}`
      const known = this.#seen.get(key)
      if (known !== undefined) Object.assign(known, { problem, example, count: known.count + 1, last: receivedAt })
      else if (this.#seen.size < mostDifferent) this.#seen.set(key, { kind, command, field, problem, example, count: 1, first: receivedAt, last: receivedAt })
      else this.#pass(receivedAt)
    }
    if (more) this.#pass(receivedAt)
  }

  /** Reports what was seen since the last time. */
  close (): void {
    clearInterval(this.#timer)
    this.#tell()
  }

  #pass (time: number): void {
    this.#unlisted = { count: 1 + (this.#unlisted?.count ?? 0), last: time }
  }

  #tell (): void {
    if (this.#seen.size === 0) return
    this.#report({ seen: [...this.#seen.values()], unlisted: this.#unlisted })
    this.#seen = new Map()
    this.#unlisted = undefined
  }
}
