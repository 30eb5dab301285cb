import type { Event } from '@baton/contracts'
import { BatonError, ReceiverUrl, StyleSettings, eventRequests, problemOfReceiverUrl, styleProblem } from '@baton/runtime'
import { Value } from '@sinclair/typebox/value'

/** What a receiver said to an event; `problem` where it said nothing. */
export type ForwardAnswer = { status: number, took: number, body: string } | { problem: string, took: number }

/** Characters of an answer that are told. */
const mostOfAnswer = 500
/** ms that a receiver has; somebody may stand in it with a debugger, but not for ever. */
const patience = 30_000

/** Posts events to a URL, in the style of a webhook target. Throws BAD_ARGUMENT. */
export function forwardTo (url: string, style: StyleSettings, signal?: AbortSignal): (event: Event) => Promise<ForwardAnswer> {
  const problem = Value.Check(ReceiverUrl(''), url) ? problemOfReceiverUrl(url, 'any') : 'is no URL that can be posted to; one is http://127.0.0.1:3000/callbacks'
  if (problem !== undefined) throw new BatonError('BAD_ARGUMENT', `The URL of --forward ${problem}.`)
  const unfit = Value.Errors(StyleSettings, style).First()
  if (unfit !== undefined) throw new BatonError('BAD_ARGUMENT', `${unfit.path.includes('secrets') ? 'The secret' : 'The style or token'} does not fit: ${unfit.schema.description ?? unfit.message}`)
  const [setting, reason] = styleProblem(style) ?? []
  if (setting !== undefined) throw new BatonError('BAD_ARGUMENT', `A ${setting === 'secrets' ? 'secret' : setting} does not fit the style ${style.style}: it ${reason}.`)
  const request = eventRequests(url, style)
  const { origin } = new URL(url)
  return async event => {
    const started = performance.now()
    const took = () => performance.now() - started
    const { path, headers } = request(event, { attempt: 1, now: Date.now() })
    const clock = new AbortController()
    const stop = () => { clock.abort() }
    const timer = setTimeout(stop, patience)
    signal?.addEventListener('abort', stop)
    try {
      const response = await fetch(origin + path, { method: 'POST', headers, body: new Uint8Array(event.body), redirect: 'manual', signal: clock.signal })
      return { status: response.status, body: await beginningOf(response), took: took() }
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      return { problem: cause instanceof Error ? cause.message : String(cause), took: took() }
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
  }
}

/** What the answer begins with; the rest of it is not read. */
async function beginningOf ({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  if (body === null) return text
  for await (const part of body) {
    if (part instanceof Uint8Array) text += decoder.decode(part, { stream: true })
    if (text.length >= mostOfAnswer) break // which cancels the rest
  }
  return text.slice(0, mostOfAnswer)
}
