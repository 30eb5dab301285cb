import type { Refusal } from '@baton/contracts'
import { firstAfterQuiet, type Logger } from '@baton/runtime'

/** At most so many a second are kept: anybody can send them. */
const mostPerSecond = 100
/** Bodies of strangers that are read at the same time. */
const mostAtOnce = 32
/** ms without one after which the next is an alert again. */
const quiet = 60_000

/** Callbacks of an app of ours that are wrongly signed: each is an alert or part of one, and few enough are let in to be kept. */
export class WronglySigned {
  readonly #log: Logger
  readonly #now: () => number
  readonly #first: () => boolean
  #second = { began: -Infinity, admitted: 0 }
  #reading = 0

  /** @param now ms of a clock that never goes back */
  constructor (log: Logger, now: () => number = () => performance.now()) {
    this.#log = log
    this.#now = now
    this.#first = firstAfterQuiet(quiet, now)
  }

  /** Whether its body may be read; then `done` must be called once it has been, or never will be. */
  admit (app: number, { info }: Refusal, address: string | undefined): boolean {
    if (this.#first()) this.#log.error({ app, info, address, alert: 'CALLBACKS_WRONGLY_SIGNED' }, 'callbacks come with a signature that does not fit: a token was changed in the console, a clock drifts, or a stranger sends them; see `baton quarantine list --unsigned`')
    const now = this.#now()
    if (now - this.#second.began >= 1_000) this.#second = { began: now, admitted: 0 }
    if (this.#second.admitted >= mostPerSecond || this.#reading >= mostAtOnce) return false
    this.#second.admitted += 1
    this.#reading += 1
    return true
  }

  done (): void {
    this.#reading -= 1
  }
}
