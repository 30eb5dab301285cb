import { signatureOf } from './signature.ts'

/**
 * The query string with which Tencent would send a callback now: the parameters as they came, in their order, signed afresh with the
 * receiver's token; without one there is no signature. `now` in ms since 1970.
 */
export function tencentQuery (query: string, token: string | undefined, now: number): string {
  const kept = query.replaceAll('#', '%23').split('&').filter(pair => pair !== '' && !signed.has(nameOf(pair))) // a raw # would end the query for whoever reads a URL
  if (token === undefined) return kept.join('&')
  const requestTime = String(Math.floor(now / 1_000))
  return [...kept, `Sign=${signatureOf(token, requestTime)}`, `RequestTime=${requestTime}`].join('&')
}

/** What depends on the time of sending. */
const signed = new Set(['Sign', 'RequestTime'])

function nameOf (pair: string): string {
  const [name = ''] = new URLSearchParams(`&${pair}`).keys()
  return name
}
