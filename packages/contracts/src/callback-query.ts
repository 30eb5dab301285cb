/** The query parameters that Baton reads. A parameter given more than once counts as `repeated`, not as a list. */
export interface CallbackQuery {
  sdkAppId: string | undefined
  command: string | undefined
  Sign: string | undefined
  RequestTime: string | undefined
  /** Undocumented, seen in both spellings. */
  requestId: string | undefined
  /** Names of parameters among the above that were given more than once. */
  repeated: string[]
}

/** Reads the query of a callback. Source: https://intl.cloud.tencent.com/document/product/1047/34354 */
export function readCallbackQuery (query: string): CallbackQuery {
  const parameters = new URLSearchParams(query)
  const repeated: string[] = []
  const one = (...spellings: string[]): string | undefined => {
    const values = spellings.flatMap(name => parameters.getAll(name))
    if (new Set(values).size > 1 && spellings[0] !== undefined) repeated.push(spellings[0])
    return values[0]
  }
  return {
    sdkAppId: one('SdkAppid', 'SdkAppId'),
    command: one('CallbackCommand'),
    Sign: one('Sign'),
    RequestTime: one('RequestTime'),
    requestId: one('RequestID', 'RequestId'),
    repeated
  }
}

/** The query as received, without `Sign`: it is a credential, and goes no further than the ingress. */
export const withoutSign = (query: string): string => !query.includes('Sign') && !query.includes('%')
  ? query
  : query.split('&').filter(pair => decodedName(pair) !== 'Sign').join('&')

const decodedName = (pair: string): string => new URLSearchParams(pair).keys().next().value ?? ''
