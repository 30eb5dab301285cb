import { Gate, type Queues } from '@baton/queue'
import type { Logger } from '@baton/runtime'
import type { ConfiguredTarget, Outcome } from '@baton/targets'

/** What may be done with the next events of a delivery. */
export type Leave =
  /** So many may be attempted. */
  | { kind: 'go' | 'probe', events: number }
  /** None, until the gate opens. */
  | { kind: 'shut' }

/** How long events that are attempted together hold up those after them, in ms: what a target's pace is spread over. */
const stride = 50
/** ms of a target's pace that one delivery holds at most; larger ones are taken apart, so that no worker has them in hand for long. */
const longest = 1_000

/** Keeps the gate before one target in this worker: asks for leave, tells what came of attempts, and parks the target when it fails again and again. */
export class Gatekeeper {
  readonly #gate: Gate
  readonly #settings: ConfiguredTarget
  readonly #log: Logger
  /** Deliveries whose attempts have failed since the last that the target took. */
  readonly #failing = new Set<string>()

  constructor (queues: Queues, settings: ConfiguredTarget, log: Logger) {
    this.#gate = new Gate(queues, settings.name, { rate: settings.rateLimit, timeout: settings.timeout })
    this.#settings = settings
    this.#log = log
  }

  /** How many events of one delivery fit into the target's pace. */
  get mostEvents (): number {
    return this.#within(longest)
  }

  /** Asks for leave to attempt some of so many events, and waits for their turn; shut as well where the signal is aborted meanwhile. */
  async admit (events: number, signal: AbortSignal): Promise<Leave> {
    const together = Math.min(events, this.#within(stride))
    const admission = await this.#gate.enter(together)
    if (admission.kind === 'shut') return admission
    if (admission.wait > 0 && !await waited(admission.wait, signal)) return { kind: 'shut' }
    return admission.kind === 'probe' ? { kind: 'probe', events: 1 } : { kind: 'go', events: together }
  }

  /** @param delivery names it, through all its attempts */
  async tell (delivery: string, kind: 'go' | 'probe', outcomes: readonly Outcome[]): Promise<void> {
    const held = Math.max(0, ...outcomes.map(outcome => outcome.kind === 'retry' ? outcome.holdFor ?? 0 : 0))
    if (held > 0) {
      await this.#gate.hold(held)
      this.#log.info({ target: this.#settings.name, milliseconds: held }, 'the target asks for a rest; nobody tries it until then')
    }
    if (outcomes.some(({ kind }) => kind !== 'retry')) return await this.#takes(kind)
    if (this.#failing.size < this.#settings.breaker.failures) this.#failing.add(delivery)
    const { breaker: { failures, firstPause, maxPause }, name } = this.#settings
    const [first] = outcomes
    const failure = first?.kind === 'retry' ? { code: first.code, reason: first.reason } : {}
    if (kind === 'probe') {
      const next = await this.#gate.probeFailed(maxPause)
      this.#log.debug({ target: name, ...failure, next }, 'a parked target was probed, and failed')
    } else if (this.#failing.size >= failures && await this.#gate.park(firstPause)) {
      this.#log.error({ target: name, ...failure, alert: 'TARGET_PARKED' }, `${failures} deliveries in a row have failed: the target is parked, and tried with one event now and then, until it takes one; attempts are not counted meanwhile`)
    }
  }

  /** Only where something speaks for it that the gate is shut: it costs a question. */
  async #takes (kind: 'go' | 'probe'): Promise<void> {
    const troubled = this.#failing.size > 0 || kind === 'probe'
    this.#failing.clear()
    const parkedFor = troubled ? await this.#gate.open() : undefined
    if (parkedFor !== undefined) this.#log.info({ target: this.#settings.name, parkedFor }, 'the target takes events again, and is no longer parked')
  }

  #within (milliseconds: number): number {
    const { rateLimit } = this.#settings
    return rateLimit === undefined ? Infinity : Math.max(1, Math.floor(rateLimit.events * milliseconds / rateLimit.per))
  }
}

/** False where the signal is aborted before. */
async function waited (milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  return await new Promise(resolve => {
    const timer = setTimeout(() => { finish(true) }, milliseconds)
    const abort = () => { finish(false) }
    const finish = (result: boolean) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      resolve(result)
    }
    signal.addEventListener('abort', abort, { once: true })
  })
}
