import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * `Sign` = lowercase hex of SHA-256(token + RequestTime); RequestTime in seconds, as text.
 * It covers neither the body nor the other parameters. Source: https://intl.cloud.tencent.com/document/product/1047/34354
 */
export const signatureOf = (token: string, requestTime: string): string =>
  createHash('sha256').update(token + requestTime).digest('hex')

export type SignatureVerdict = 'valid' | 'sign-missing' | 'sign-wrong' | 'sign-stale'

/** Seconds have ten digits, ms would have 13: what is longer is no time, and not worth being hashed. */
const anyTime = /^\d{1,15}$/

/** ms by which a `RequestTime` is ahead of a clock (in ms); below 0 where it is behind. */
export const leadOf = (requestTime: string, now: number): number => Number(requestTime) * 1_000 - now

/**
 * Checks `Sign` against each token (several while rotating), in constant time.
 * @param now ms since 1970
 * @param freshness ms that `RequestTime` may lie from now, either way. Tencent names no window for Chat; the default is that of the relay file
 */
export function checkSignature (
  tokens: readonly string[],
  { Sign: sign, RequestTime: requestTime }: { Sign?: string | undefined, RequestTime?: string | undefined },
  now: number,
  freshness = 300_000
): SignatureVerdict {
  if (!sign || !requestTime) return 'sign-missing'
  if (!anyTime.test(requestTime)) return 'sign-wrong'
  const given = Buffer.from(sign)
  let matched = false
  for (const token of tokens) {
    const expected = Buffer.from(signatureOf(token, requestTime))
    // No early exit: the time taken tells nothing about which token came close.
    if (given.length === expected.length && timingSafeEqual(given, expected)) matched = true
  }
  if (!matched) return 'sign-wrong'
  return Math.abs(leadOf(requestTime, now)) > freshness ? 'sign-stale' : 'valid'
}
