import { isUtf8 } from 'node:buffer'
import { checkDecision, type Decision, type Event } from '@baton/contracts'
import { NoConnection, boundedBody, eventRequests, receiverPool, type DecisionSettings, type ReceiverPool } from '@baton/runtime'
import { Breaker } from './breaker.ts'

/** Bytes of an answer; Tencent's own messages have 12 KB at most. */
const longestAnswer = 65_536

/** Why there is no decision, in words that are labels of metrics too. */
export const failureKinds = ['timeout', 'busy', 'parked', 'unreachable', 'status', 'invalid'] as const
type FailureKind = (typeof failureKinds)[number]

export type Asked = { decision: Decision, took: number } | { failure: FailureKind, problem: string, took: number }

/** A failure of one call. */
class CallFailed extends Error {
  readonly kind: FailureKind

  constructor (kind: FailureKind, problem: string, options?: ErrorOptions) {
    super(problem, options)
    this.kind = kind
  }
}

/** Who decides about before-callbacks: one URL, with connections and a breaker of its own. */
export class DecisionEndpoint {
  readonly settings: DecisionSettings
  readonly #breaker = new Breaker()
  readonly #pool: ReceiverPool
  readonly #request: ReturnType<typeof eventRequests>
  #asking = 0

  constructor (settings: DecisionSettings) {
    const { url, network, deadline, concurrency } = settings
    this.settings = settings
    this.#request = eventRequests(url, settings)
    // The deadline of each call is the one clock; it ends no connection that does not come about, so the same time ends that.
    this.#pool = receiverPool(url, { network, connections: concurrency, timeout: deadline })
  }

  /** Never rejects, and never takes longer than the deadline, nor than `within` ms. */
  async ask (event: Event, body: object, within: number): Promise<Asked> {
    const started = performance.now()
    const took = () => Math.round((performance.now() - started) * 10) / 10
    const { concurrency } = this.settings
    const deadline = Math.floor(Math.min(this.settings.deadline, within))
    if (deadline <= 0) return { failure: 'timeout', problem: 'no time was left for it: the callback itself took too long to arrive', took: 0 }
    if (!this.#breaker.admits()) return { failure: 'parked', problem: 'the endpoint has failed many times in a row, and is tried once a second', took: 0 }
    if (this.#asking >= 2 * concurrency) return { failure: 'busy', problem: `${this.#asking} calls are waiting for it already; raise concurrency, or make it faster`, took: 0 }
    this.#asking += 1
    const clock = new AbortController()
    const timer = setTimeout(() => { clock.abort() }, deadline)
    let answer: string
    try {
      answer = await inTime(this.#call(event, clock.signal), clock.signal)
    } catch (error) {
      const { kind, message } = clock.signal.aborted ? { kind: 'timeout' as const, message: `no answer within ${deadline} ms` } : error instanceof CallFailed ? error : new CallFailed('unreachable', String(error))
      if (kind === 'invalid' || kind === 'status') this.#breaker.succeeded()
      else if (deadline === this.settings.deadline || kind !== 'timeout') this.#breaker.failed() // with less time than it was promised it has not failed
      return { failure: kind, problem: message, took: took() }
    } finally {
      clearTimeout(timer)
      this.#asking -= 1
    }
    this.#breaker.succeeded()
    const checked = checkDecision(event.command, body, answer)
    return 'decision' in checked ? { decision: checked.decision, took: took() } : { failure: 'invalid', problem: checked.problem, took: took() }
  }

  async close (): Promise<void> {
    await this.#pool.close()
  }

  async #call (event: Event, signal: AbortSignal): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#post(event, attempt, signal)
      } catch (error) {
        if (error instanceof CallFailed || signal.aborted) throw error
        if (error instanceof NoConnection) throw new CallFailed('unreachable', error.message, { cause: error })
        const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
        // A connection that was kept open may be closed at the very moment that it is used again: that says nothing of the endpoint.
        if (attempt === 1 && (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET')) continue
        throw new CallFailed('unreachable', `the endpoint cannot be reached (${code})`, { cause: error })
      }
    }
  }

  async #post (event: Event, attempt: number, signal: AbortSignal): Promise<string> {
    const { statusCode, body } = await this.#pool.post({ ...this.#request(event, { attempt, now: Date.now() }), body: event.body, signal })
    const answer = await boundedBody(body, longestAnswer)
    if (answer === undefined) throw new CallFailed('invalid', `the answer has more than ${longestAnswer} bytes`)
    if (statusCode >= 500) throw new CallFailed('unreachable', `the endpoint answered ${statusCode}`)
    if (statusCode !== 200) throw new CallFailed('status', `the endpoint answered ${statusCode}; Tencent takes 200 alone`)
    if (!isUtf8(answer)) throw new CallFailed('invalid', 'the answer is no UTF-8')
    return answer.toString('utf8')
  }
}

/** An abort does nothing for a request that still waits for a connection, so nobody waits for it. */
async function inTime<T> (call: Promise<T>, clock: AbortSignal): Promise<T> {
  const late = new Promise<never>((_resolve, reject) => { clock.addEventListener('abort', () => { reject(new Error('the deadline is over')) }, { once: true }) })
  return await Promise.race([call, late])
}
