import { createHash, timingSafeEqual } from 'node:crypto'

/** How far `RequestTime` may lie from our clock, in seconds, either way. Tencent names no window for Chat. */
export const freshnessWindow = 300

/**
 * `Sign` = lowercase hex of SHA-256(token + RequestTime); RequestTime in seconds, as text.
 * It covers neither the body nor the other parameters. Source: https://intl.cloud.tencent.com/document/product/1047/34354
 */
export const signatureOf = (token: string, requestTime: string): string =>
  createHash('sha256').update(token + requestTime).digest('hex')

export type SignatureVerdict = 'valid' | 'sign-missing' | 'sign-wrong' | 'sign-stale'

/** Checks `Sign` against each token (several while rotating), in constant time. `now` in ms. */
export function checkSignature (
  tokens: readonly string[],
  { Sign: sign, RequestTime: requestTime }: { Sign?: string | undefined, RequestTime?: string | undefined },
  now: number
): SignatureVerdict {
  if (!sign || !requestTime) return 'sign-missing'
  const given = Buffer.from(sign)
  let matched = false
  for (const token of tokens) {
    const expected = Buffer.from(signatureOf(token, requestTime))
    // No early exit: the time taken tells nothing about which token came close.
    if (given.length === expected.length && timingSafeEqual(given, expected)) matched = true
  }
  if (!matched) return 'sign-wrong'
  if (!/^\d{1,12}$/.test(requestTime) || Math.abs(now / 1000 - Number(requestTime)) > freshnessWindow) return 'sign-stale'
  return 'valid'
}
