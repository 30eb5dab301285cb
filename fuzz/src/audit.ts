import { setTimeout as pause } from 'node:timers/promises'
import type { Books } from './books.ts'
import { LogAudit } from './log-audit.ts'
import { digestOfEvent } from './recorder.ts'
import type { Relay } from './relay.ts'
import { series } from './verdict.ts'

/** What the ingress counts of requests, and what of that it logs as well: a line for each, or for many. */
const counted = /^baton_(callbacks_accepted|callbacks_refused|probes|requests_malformed|quarantine|before_callbacks_unkept)_total\b/
/** Told once a minute for each address, instead of a line for each refusal. */
const strangers = 'CALLBACKS_FROM_STRANGE_ADDRESSES'
const logged = /^baton_(callbacks_refused_total\{code="(?!40302)|requests_malformed_total|before_callbacks_unkept_total)/

/** ms in which the relay must have done what is left to do. */
const patience = 60_000
const lookInterval = 100

/** Holds what the relay says and keeps against the books: metrics, log, quarantine, journal, deliveries. */
export class Audit {
  readonly #relay: Relay
  readonly #books: Books
  readonly #log: LogAudit

  constructor (relay: Relay, books: Books) {
    this.#relay = relay
    this.#books = books
    this.#log = new LogAudit(relay.ingress.log)
  }

  /** Between two rounds. Answers what is wrong, in words. */
  async round (): Promise<string[]> {
    const complaints = await this.#relay.complaints()
    if (complaints.length > 0) return complaints
    if (!await this.#comes(metrics => quarantineSettled(metrics))) complaints.push('what is to be quarantined is neither kept nor lost')
    const metrics = await this.#relay.metrics()
    for await (const { kind, app, query, body } of this.#relay.quarantined()) this.#books.quarantine.find({ kind, app, query, body })
    return [...complaints, ...await this.#readLog(metrics), ...compareCounts(this.#books.counted, metrics), ...this.#compareLog(), ...this.#quarantineComplaints()]
  }

  /** After the last one: ends the ingress. */
  async end (): Promise<string[]> {
    const complaints = await this.round()
    if (this.#relay.ingress.ending !== undefined) return complaints
    if (!await this.#comes(metrics => metrics.get('baton_journal_unsettled_events') === 0)) complaints.push('the journal does not come to know that all events are delivered')
    const metrics = await this.#relay.metrics()
    complaints.push(...await this.#readLog(metrics))
    const untold = [...metrics].filter(([name, value]) => logged.test(name) && value !== (this.#log.told.get(name) ?? 0))
    complaints.push(...untold.map(([name, value]) => `${name} is ${value}, but the log tells of it ${this.#log.told.get(name) ?? 0} times`))
    if ((metrics.get(series.refused(40302)) ?? 0) > 0 && !this.#log.alerts.has(strangers)) complaints.push('the log tells nothing of addresses that are not allowed')
    const how = await this.#relay.ingress.stop()
    if (how !== 'code 0') complaints.push(`the ingress ended with ${how}; see ${this.#relay.ingress.log}`)
    const events = new Map<string, Set<string>>()
    for await (const event of this.#relay.journalled()) {
      const { id, appId: app, command, query, body } = event
      this.#books.journal.find({ app, command, query, body })
      events.set(id, (events.get(id) ?? new Set()).add(digestOfEvent(event)))
    }
    return [...complaints, ...this.#books.journal.complaints('the journal'), ...this.#relay.recorder.complaints(events)]
  }

  /** Whether a state comes in time. */
  async #comes (holds: (metrics: ReadonlyMap<string, number>) => boolean): Promise<boolean> {
    for (const deadline = performance.now() + patience; performance.now() < deadline; await pause(lookInterval)) if (holds(await this.#relay.metrics())) return true
    return false
  }

  /** Of many lines at once the log tells a second later. */
  async #readLog (metrics: ReadonlyMap<string, number>): Promise<string[]> {
    const complaints = this.#log.read()
    const tells = () => [...metrics].every(([name, value]) => !logged.test(name) || (this.#log.told.get(name) ?? 0) >= value)
    for (const deadline = performance.now() + patience; !tells() && performance.now() < deadline; await pause(lookInterval)) complaints.push(...this.#log.read())
    return complaints
  }

  /** Of what nobody has seen the answer, the log may tell before or after the metrics. */
  #compareLog (): string[] {
    const expected = new Map([...this.#books.counted].filter(([name]) => logged.test(name)))
    return compareCounts(expected, this.#log.told).map(complaint => `in the log: ${complaint}`)
  }

  #quarantineComplaints (): string[] {
    return this.#log.alerts.has('QUARANTINE_LOST') ? [] : this.#books.quarantine.complaints('quarantine')
  }
}

function quarantineSettled (metrics: ReadonlyMap<string, number>): boolean {
  const settled = (metrics.get('baton_quarantine_kept_total') ?? 0) + (metrics.get('baton_quarantine_lost_total') ?? 0)
  const all = [...metrics].filter(([name]) => name.startsWith('baton_quarantine_total{')).reduce((sum, [, value]) => sum + value, 0)
  return settled === all
}

/** Which counts are not what they should be, in words. */
export function compareCounts (expected: ReadonlyMap<string, { least: number, most: number }>, found: ReadonlyMap<string, number>): string[] {
  const names = new Set([...expected.keys(), ...[...found.keys()].filter(name => counted.test(name))])
  return [...names].flatMap(name => {
    const { least, most } = expected.get(name) ?? { least: 0, most: 0 }
    const value = found.get(name) ?? 0
    return value >= least && value <= most ? [] : [`${name} is ${value}, and should be ${least === most ? least : `${least} to ${most}`}`]
  })
}
