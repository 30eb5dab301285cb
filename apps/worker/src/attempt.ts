import { setMaxListeners } from 'node:events'
import type { JournalledEvent } from '@baton/contracts'
import type { Logger } from '@baton/runtime'
import type { Outcome, Target } from '@baton/targets'

/** How long a target may take to notice that its time is up and to say how far it came, in ms. */
const lastWords = 1_000

export interface AttemptOptions {
  /** The target's name. */
  name: string
  /** 1 for the first. */
  attempt: number
  /** ms */
  timeout: number
  /** Aborted when the worker must let go. */
  letGo: AbortSignal
  log: Logger
}

/** The outcomes of one attempt, whatever the target does: one that throws or overstays is retried. */
export async function attemptOnce (target: Target, events: readonly JournalledEvent[], { name, attempt, timeout, letGo, log }: AttemptOptions): Promise<Outcome[]> {
  const all = (code: string, reason: string): Outcome[] => events.map(() => ({ kind: 'retry', code, reason }))
  // A controller and a timer of our own: AbortSignal.any over AbortSignal.timeout may be garbage collected before it fires (Node 20).
  const clock = new AbortController()
  setMaxListeners(0, clock.signal) // a target may listen once for each event
  const abort = () => { clock.abort() }
  const timer = setTimeout(abort, timeout)
  letGo.addEventListener('abort', abort, { once: true })
  let lastCall: NodeJS.Timeout | undefined
  const overstayed = new Promise<Outcome[]>(resolve => {
    clock.signal.addEventListener('abort', () => {
      lastCall = setTimeout(() => { resolve(all('timeout', 'the target did not answer in time')) }, lastWords)
    }, { once: true })
  })
  try {
    const outcomes = await Promise.race([target.deliver(events, { signal: clock.signal, attempt }), overstayed])
    if (outcomes.length !== events.length) throw new Error(`the target answered ${outcomes.length} outcomes for ${events.length} events`)
    return outcomes
  } catch (error) {
    if (clock.signal.aborted) return all('timeout', 'the target did not answer in time')
    log.error({ err: error, target: name }, 'a target failed in an unexpected way; its events are retried')
    return all('unexpected', (error instanceof Error ? error.message : String(error)).slice(0, 500))
  } finally {
    clearTimeout(timer)
    clearTimeout(lastCall)
    letGo.removeEventListener('abort', abort)
  }
}
