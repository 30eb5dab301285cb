/** What came to a receiver, in the order in which it came. */
export interface Arrivals {
  /** From the callback's receipt to here, in ms. */
  lags: number[]
  /** When, in ms since 1970. */
  times: number[]
}

/** What has come since this was asked for last. */
export async function arrivals (receiver: { url: string }): Promise<Arrivals> {
  const found: unknown = await (await fetch(receiver.url)).json()
  if (typeof found === 'object' && found !== null && 'lags' in found && 'times' in found && isNumbers(found.lags) && isNumbers(found.times)) return { lags: found.lags, times: found.times }
  throw new Error('the receiver tells nothing of use')
}

const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(item => typeof item === 'number')
