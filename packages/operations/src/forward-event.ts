import type { Event } from '@baton/contracts'
import { BatonError, StyleSettings, eventRequests, styleProblem } from '@baton/runtime'
import { Value } from '@sinclair/typebox/value'

/** What a receiver said to an event; `problem` where it said nothing. */
export type ForwardAnswer = { status: number, took: number, body: string } | { problem: string, took: number }

/** Characters of an answer that are told. */
const mostOfAnswer = 500
/** ms that a receiver has; somebody may stand in it with a debugger, but not for ever. */
const patience = 30_000

/** Posts events to a URL, in the style of a webhook target. Throws BAD_ARGUMENT. */
export function forwardTo (url: string, style: StyleSettings, signal?: AbortSignal): (event: Event) => Promise<ForwardAnswer> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new BatonError('BAD_ARGUMENT', `${url} is no URL that can be posted to; one is http://127.0.0.1:3000/callbacks.`)
  const unfit = Value.Errors(StyleSettings, style).First()
  if (unfit !== undefined) throw new BatonError('BAD_ARGUMENT', `${unfit.path.includes('secrets') ? 'The secret' : 'The style or token'} does not fit: ${unfit.schema.description ?? unfit.message}`)
  const [setting, problem] = styleProblem(style) ?? []
  if (setting !== undefined) throw new BatonError('BAD_ARGUMENT', `A ${setting === 'secrets' ? 'secret' : setting} does not fit the style ${style.style}: it ${problem}.`)
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
      const body = await response.text()
      return { status: response.status, took: took(), body: body.slice(0, mostOfAnswer) }
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      return { problem: cause instanceof Error ? cause.message : String(cause), took: took() }
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
  }
}
