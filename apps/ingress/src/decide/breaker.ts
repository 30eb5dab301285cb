/** So many failures in a row, and nobody is asked for a while. */
const mostFailures = 10
/** ms after which one call is let through, to see whether it works again. */
const rest = 1_000

/** Keeps callbacks from waiting for an endpoint that does not answer. */
export class Breaker {
  readonly #now: () => number
  #failures = 0
  #nextTry = 0

  /** @param now ms of a clock that never goes back */
  constructor (now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Whether it may be asked; while it fails, one of many may. */
  admits (): boolean {
    if (this.#failures < mostFailures) return true
    if (this.#now() < this.#nextTry) return false
    this.#nextTry = this.#now() + rest // the others wait for this one
    return true
  }

  succeeded (): void {
    this.#failures = 0
  }

  failed (): void {
    this.#failures += 1
    this.#nextTry = this.#now() + rest
  }
}
