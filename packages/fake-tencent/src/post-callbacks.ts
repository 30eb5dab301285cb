import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { setImmediate as yieldOnce, setTimeout as pause } from 'node:timers/promises'
import type { FakeCallback } from './fake-tencent.ts'
import { signedQuery, type Sending } from './misbehave.ts'
import { postHalf, postOnce } from './post-once.ts'
import { Tally, type Outcome, type Posted } from './tally.ts'

export interface PostOptions {
  /** The receiver; parameters are appended to its query. Certificates are checked, but for those of this machine. */
  to: string
  /** The token that a callback is signed with; unsigned where there is none. */
  tokenOf?: (callback: FakeCallback) => string | undefined
  /** Callbacks a second, whether they are answered or not; if left out, each connection waits for the answer to the one before. */
  rate?: number | undefined
  /** Connections at once, each kept alive: 1, or with a rate as many as it takes, up to 256. */
  connections?: number | undefined
  /** Ends it early; what is under way is still waited for. */
  signal?: AbortSignal | undefined
  /** Told what became of each. */
  onOutcome?: (outcome: Outcome) => void
}

/** Beyond so many callbacks in flight even a given rate waits for answers. */
const mostInFlight = 256

/**
 * Posts callbacks as Tencent's backend does. The first one goes alone, since it tells whether there is anybody at all: where it
 * gets no answer, nobody is told and no other is sent, and `unreachable` says why.
 */
export async function postCallbacks (sendings: Iterable<Sending>, { to, tokenOf = () => undefined, rate, connections, signal, onOutcome = () => {} }: PostOptions): Promise<Posted & { unreachable: Error | undefined }> {
  const base = new URL(to)
  const atOnce = connections ?? (rate === undefined ? 1 : mostInFlight)
  const agent = base.protocol === 'https:'
    ? new HttpsAgent({ keepAlive: true, maxSockets: atOnce, rejectUnauthorized: !isThisMachine(base) })
    : new HttpAgent({ keepAlive: true, maxSockets: atOnce })
  const tally = new Tally()
  const queue = sendings[Symbol.iterator]()
  const next = (): Sending | undefined => {
    const step = signal?.aborted === true ? undefined : queue.next()
    return step === undefined || step.done === true ? undefined : step.value
  }
  const send = async (sending: Sending): Promise<Outcome> => {
    const query = signedQuery(sending, tokenOf(sending.callback), Date.now())
    const outcome = await post(sending, withQuery(base, query), agent)
    tally.add(outcome)
    return outcome
  }
  const sendAndTell = async (sending: Sending): Promise<void> => { onOutcome(await send(sending)) }

  try {
    for (let sending = next(); sending !== undefined; sending = next()) {
      const outcome = await send(sending)
      if (outcome.kind === 'silence') return { ...tally.result(), unreachable: outcome.error }
      onOutcome(outcome)
      if (outcome.kind === 'answer') break // one that is broken off tells nothing
    }
    await (rate === undefined ? inLanes(atOnce, next, sendAndTell) : paced(rate, atOnce, next, sendAndTell))
    return { ...tally.result(), unreachable: undefined }
  } finally {
    agent.destroy()
  }
}

/** Each connection waits for the answer to the one before. */
async function inLanes (lanes: number, next: () => Sending | undefined, send: (sending: Sending) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (let sending = next(); sending !== undefined; sending = next()) await send(sending)
  }))
}

/** So many a second, whether they are answered or not. */
async function paced (rate: number, atOnce: number, next: () => Sending | undefined, send: (sending: Sending) => Promise<void>): Promise<void> {
  const inFlight = new Set<Promise<void>>()
  const began = performance.now()
  for (let nth = 1; ; nth++) {
    await until(began + nth * 1_000 / rate)
    if (inFlight.size >= atOnce) await Promise.race(inFlight)
    const sending = next()
    if (sending === undefined) break
    const one: Promise<void> = send(sending).finally(() => { inFlight.delete(one) })
    inFlight.add(one)
  }
  await Promise.all(inFlight)
}

/** A timer is no finer than 1 ms; what is due earlier or overdue lets others have their turn only. */
async function until (moment: number): Promise<void> {
  const wait = moment - performance.now()
  await (wait < 1 ? yieldOnce() : pause(wait))
}

async function post ({ callback: { command, headers, body }, misbehaviour }: Sending, url: URL, agent: HttpAgent): Promise<Outcome> {
  const of = { command, misbehaviour }
  if (misbehaviour === 'cut') {
    await postHalf({ url, agent, headers, body })
    return { ...of, kind: 'cut' }
  }
  try {
    return { ...of, kind: 'answer', answer: await postOnce({ url, agent, headers, body }) }
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    return { ...of, kind: 'silence', error, reason: reasonOf(error) }
  }
}

/** Here nobody stands in between, and no certificate is of such a name. */
const isThisMachine = ({ hostname }: URL): boolean => /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname)

/** The query of the receiver's own URL stays in front. */
function withQuery (base: URL, query: string): URL {
  const url = new URL(base)
  url.search = base.search === '' ? query : `${base.search}&${query}`
  return url
}

/** Where several addresses were tried in vain, Node names only the code. */
const reasonOf = (error: Error): string => error.message === '' && 'code' in error ? String(error.code) : error.message
