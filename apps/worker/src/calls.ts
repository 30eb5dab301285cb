import { setMaxListeners } from 'node:events'
import type { JournalledEvent } from '@baton/contracts'
import type { Logger } from '@baton/runtime'
import type { Outcome, Target } from '@baton/targets'
import { attemptOnce } from './attempt.ts'

export interface CallsOptions {
  /** The target's name. */
  name: string
  /** Most events of one call. */
  together: number
  /** Most calls at once. */
  most: number
  /** ms that one call may take. */
  timeout: number
  log: Logger
}

interface Waiting {
  event: JournalledEvent
  attempt: number
  letGo: AbortSignal
  settle: (outcome: Outcome) => void
}

/**
 * The calls of one target in this worker: so many at once, each with as many events as the target takes together. Nobody waits where a call is free;
 * where none is, what waits goes together with the next, from whichever delivery it is.
 */
export class Calls {
  readonly #target: Target
  readonly #options: CallsOptions
  #waiting: Waiting[] = []
  #underWay = 0

  constructor (target: Target, options: CallsOptions) {
    this.#target = target
    this.#options = options
  }

  /** Attempts each of the events. What still waits for a call when it must let go is not tried, and said to be timed out. */
  async make (events: readonly JournalledEvent[], { attempt, letGo }: { attempt: number, letGo: AbortSignal }): Promise<Outcome[]> {
    const own = new Set<Waiting>()
    const outcomes = Promise.all(events.map(async event => await new Promise<Outcome>(resolve => { own.add({ event, attempt, letGo, settle: resolve }) })))
    const giveUp = () => {
      const left = this.#waiting.filter(waiting => own.has(waiting))
      this.#waiting = this.#waiting.filter(waiting => !own.has(waiting))
      for (const { settle } of left) settle(notTried)
    }
    setMaxListeners(0, letGo) // each call of it listens
    this.#waiting.push(...own)
    letGo.addEventListener('abort', giveUp, { once: true })
    try {
      if (letGo.aborted) giveUp()
      this.#begin()
      return await outcomes
    } finally {
      letGo.removeEventListener('abort', giveUp)
    }
  }

  #begin (): void {
    while (this.#underWay < this.#options.most && this.#waiting.length > 0) {
      this.#underWay += 1
      void this.#call(this.#waiting.splice(0, this.#options.together))
    }
  }

  /** Never rejects: an attempt answers outcomes whatever happens. */
  async #call (together: readonly Waiting[]): Promise<void> {
    const { name, timeout, log } = this.#options
    const outcomes = await attemptOnce(this.#target, together.map(({ event }) => event), {
      name,
      attempt: Math.min(...together.map(({ attempt }) => attempt)),
      timeout,
      letGo: whenAll(new Set(together.map(({ letGo }) => letGo))),
      log
    })
    this.#underWay -= 1
    this.#begin()
    for (const [at, { settle }] of together.entries()) settle(outcomes[at] ?? notTried)
  }
}

const notTried: Outcome = { kind: 'retry', code: 'timeout', reason: 'the worker had to let go before the target was asked' }

/** Aborted once all of them are: one delivery that must let go takes those that went with it along no sooner than they must. */
function whenAll (signals: ReadonlySet<AbortSignal>): AbortSignal {
  const [first] = signals
  if (first !== undefined && signals.size === 1) return first
  const all = new AbortController()
  const look = () => { if ([...signals].every(({ aborted }) => aborted)) all.abort() }
  for (const signal of signals) signal.addEventListener('abort', look, { once: true })
  look()
  return all.signal
}
