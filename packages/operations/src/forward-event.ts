import type { Event } from '@baton/contracts'
import { BatonError, eventRequests, styleProblem, type StyleSettings } from '@baton/runtime'

/** What a receiver said to an event; `problem` where it said nothing. */
export type ForwardAnswer = { status: number, took: number, body: string } | { problem: string, took: number }

/** Characters of an answer that are told. */
const mostOfAnswer = 500
/** ms that a receiver has; somebody may stand in it with a debugger, but not for ever. */
const patience = 30_000

/** Posts events to a URL, in the style of a webhook target. Throws BAD_ARGUMENT. */
export function forwardTo (url: string, style: StyleSettings): (event: Event) => Promise<ForwardAnswer> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new BatonError('BAD_ARGUMENT', `${url} is no URL that can be posted to; one is http://127.0.0.1:3000/callbacks.`)
  const [setting, problem] = styleProblem(style) ?? []
  if (setting !== undefined) throw new BatonError('BAD_ARGUMENT', `A ${setting === 'secrets' ? 'secret' : setting} does not fit the style ${style.style}: it ${problem}.`)
  const request = eventRequests(url, style)
  return async event => {
    const started = performance.now()
    const took = () => performance.now() - started
    const { path, headers } = request(event, { attempt: 1, now: Date.now() })
    try {
      const response = await fetch(new URL(path, url), { method: 'POST', headers, body: new Uint8Array(event.body), redirect: 'manual', signal: AbortSignal.timeout(patience) })
      const body = await response.text()
      return { status: response.status, took: took(), body: body.slice(0, mostOfAnswer) }
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      return { problem: cause instanceof Error ? cause.message : String(cause), took: took() }
    }
  }
}
