import { createHistogram } from 'node:perf_hooks'
import { isBeforeCommand } from '@baton/contracts'
import { misbehaviours, type Misbehaviour } from './misbehave.ts'
import type { Answer } from './post-once.ts'

/** What became of one callback. */
export type Outcome = { command: string, misbehaviour: Misbehaviour | undefined } & (
  | { kind: 'answer', answer: Answer }
  /** No answer in time, or a broken connection: the receiver may have kept the event all the same. */
  | { kind: 'silence', reason: string, error: Error }
  /** Broken off on purpose. */
  | { kind: 'cut' }
)

export interface Posted {
  sent: number
  /** Answered with HTTP 200 and ErrorCode 0; before-commands with any code, since that is a decision. */
  acknowledged: number
  refused: number
  unanswered: number
  /** Broken off on purpose. */
  cut: number
  /** Acknowledged although it should not have been, or not acknowledged although it should. */
  unexpected: number
  /** Callbacks a second that were sent, the last answer included in the time. */
  rate: number
  /** How long acknowledgements took, in ms; null where there was none. */
  latency: { p50: number, p90: number, p99: number, max: number } | null
  /** Every kind of answer, the most frequent first; the text is that of the first one. */
  answers: Array<{ status: number, errorCode: number | null, errorInfo: string, count: number }>
  /** Why there was no answer, the most frequent reason first. */
  silences: Array<{ reason: string, count: number }>
  /** How many misbehaved, by what was wrong with them. */
  misbehaved: Partial<Record<Misbehaviour, number>>
  /** Those that did not end as they should, by what was wrong with them on purpose (null: nothing) and how they ended; the most first. */
  astray: Array<{ misbehaviour: Misbehaviour | null, ended: 'acknowledged' | 'refused' | 'unanswered', count: number }>
}

/** Most kinds of answers and reasons that are told apart: whoever answers chooses their codes. */
const mostKinds = 50

/** In microseconds; whoever takes longer has been hung up on. */
const longest = 10_000_000

/** Any code is an answer to a before-command: it may deny what was asked. */
const isAcknowledged = (command: string, { status, errorCode }: Answer): boolean =>
  status === 200 && errorCode !== undefined && (errorCode === 0 || isBeforeCommand(command))

/** Whether it ended as it should, which for some that misbehave is a refusal. */
export function isExpected (outcome: Outcome): boolean {
  if (outcome.kind !== 'answer') return outcome.kind === 'cut'
  const { command, answer, misbehaviour } = outcome
  return isAcknowledged(command, answer) === (misbehaviour === undefined || misbehaviours[misbehaviour].isAcknowledged)
}

/** Counts what becomes of callbacks, in bounded memory however many there are. */
export class Tally {
  readonly #counts = { sent: 0, acknowledged: 0, refused: 0, unanswered: 0, cut: 0, unexpected: 0 }
  readonly #latencies = createHistogram({ highest: longest, figures: 3 })
  readonly #answers = new Map<string, Posted['answers'][number]>()
  readonly #silences = new Map<string, Posted['silences'][number]>()
  readonly #misbehaved: Posted['misbehaved'] = {}
  readonly #astray = new Map<string, Posted['astray'][number]>()
  readonly #started = performance.now()

  add (outcome: Outcome): void {
    const { misbehaviour } = outcome
    this.#counts.sent += 1
    if (misbehaviour !== undefined) this.#misbehaved[misbehaviour] = (this.#misbehaved[misbehaviour] ?? 0) + 1
    if (!isExpected(outcome)) {
      this.#counts.unexpected += 1
      const ended = outcome.kind !== 'answer' ? 'unanswered' : isAcknowledged(outcome.command, outcome.answer) ? 'acknowledged' : 'refused'
      count(this.#astray, `${misbehaviour} ${ended}`, { misbehaviour: misbehaviour ?? null, ended, count: 0 })
    }
    switch (outcome.kind) {
      case 'answer': {
        const { status, errorCode = null, errorInfo, took } = outcome.answer
        count(this.#answers, `${status} ${errorCode}`, { status, errorCode, errorInfo, count: 0 })
        const acknowledged = isAcknowledged(outcome.command, outcome.answer)
        this.#counts[acknowledged ? 'acknowledged' : 'refused'] += 1
        if (acknowledged) this.#latencies.record(Math.min(longest, Math.max(1, Math.round(1_000 * took))))
        break
      }
      case 'silence':
        count(this.#silences, outcome.reason, { reason: outcome.reason, count: 0 })
        this.#counts.unanswered += 1
        break
      case 'cut':
        this.#counts.cut += 1
    }
  }

  result (): Posted {
    const at = (percentile: number) => this.#latencies.percentile(percentile) / 1_000
    return {
      ...this.#counts,
      rate: Math.round(this.#counts.sent * 10_000 / (performance.now() - this.#started)) / 10,
      latency: this.#counts.acknowledged === 0 ? null : { p50: at(50), p90: at(90), p99: at(99), max: this.#latencies.max / 1_000 },
      answers: mostFrequent(this.#answers),
      silences: mostFrequent(this.#silences),
      misbehaved: this.#misbehaved,
      astray: mostFrequent(this.#astray)
    }
  }
}

/** One more of this kind; of those beyond the bound, the last kind stands for all. */
function count<T extends { count: number }> (kinds: Map<string, T>, key: string, first: T): void {
  const known = kinds.get(key) ?? (kinds.size < mostKinds ? undefined : [...kinds.values()].at(-1))
  if (known === undefined) kinds.set(key, { ...first, count: 1 })
  else known.count += 1
}

const mostFrequent = <T extends { count: number }>(kinds: Map<string, T>): T[] =>
  [...kinds.values()].sort((one, other) => other.count - one.count)
