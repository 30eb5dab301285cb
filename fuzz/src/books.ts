import { createHash } from 'node:crypto'
import type { Judgement } from './judge.ts'
import type { Kept, Traces } from './verdict.ts'

/** At least and at most. */
interface Bounds { least: number, most: number }

/** Callbacks that must, or may, be found somewhere, each so often. */
export class Ledger {
  readonly #entries = new Map<string, Bounds & { found: number, cases: number[] }>()
  #strange = 0

  expect (kept: Kept, number: number, surely: boolean): void {
    const entry = this.#entries.get(keyOf(kept)) ?? { least: 0, most: 0, found: 0, cases: [] }
    entry.most += 1
    if (surely) entry.least += 1
    entry.cases.push(number)
    this.#entries.set(keyOf(kept), entry)
  }

  find (kept: Kept): void {
    const entry = this.#entries.get(keyOf(kept))
    if (entry === undefined || entry.found >= entry.most) this.#strange += 1
    else entry.found += 1
  }

  /** What is wrong, in words. */
  complaints (where: string): string[] {
    const missing = [...this.#entries.values()].filter(({ found, least }) => found < least).flatMap(({ cases }) => cases)
    return [
      ...(missing.length > 0 ? [`${missing.length} callbacks are missing in ${where}; cases ${missing.slice(0, 10).join(', ')}`] : []),
      ...(this.#strange > 0 ? [`${this.#strange} callbacks in ${where} are of no request, or stand there too often`] : [])
    ]
  }
}

const keyOf = ({ kind = '', app, command = '', query, body }: Kept): string =>
  createHash('sha256').update(JSON.stringify([kind, app, command, query])).update(body).digest('base64')

/** What the requests so far must have left behind, and what they may have. */
export class Books {
  readonly counted = new Map<string, Bounds>()
  readonly journal = new Ledger()
  readonly quarantine = new Ledger()

  note (number: number, { verdicts }: Judgement): void {
    for (const { traces, perhaps } of verdicts) {
      this.#note(number, traces, true)
      if (perhaps !== undefined) this.#note(number, perhaps, false)
    }
  }

  #note (number: number, { counted, event, quarantined }: Traces, surely: boolean): void {
    for (const series of counted) {
      const bounds = this.counted.get(series) ?? { least: 0, most: 0 }
      bounds.most += 1
      if (surely) bounds.least += 1
      this.counted.set(series, bounds)
    }
    if (event !== undefined) this.journal.expect(event, number, surely)
    if (quarantined !== undefined) {
      const { surely: kept, ...entry } = quarantined
      this.quarantine.expect(entry, number, surely && kept)
    }
  }
}
