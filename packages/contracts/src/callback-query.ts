/** The query parameters that Baton reads. A parameter given more than once counts as `repeated`, not as a list. */
export interface CallbackQuery {
  sdkAppId: string | undefined
  command: string | undefined
  Sign: string | undefined
  RequestTime: string | undefined
  /** Undocumented, seen in both spellings. */
  requestId: string | undefined
  /** Names of parameters among the above that were given more than once, with different values. */
  repeated: string[]
}

type Spelling = 'SdkAppid' | 'SdkAppId' | 'CallbackCommand' | 'Sign' | 'RequestTime' | 'RequestID' | 'RequestId'

/**
 * Reads the query of a callback. Source: https://intl.cloud.tencent.com/document/product/1047/34354
 * What URLSearchParams would find in a URL as Node gives it, but by hand: each acknowledgement waits for this.
 */
export function readCallbackQuery (query: string): CallbackQuery {
  const values: Record<Spelling, string | undefined> = { SdkAppid: undefined, SdkAppId: undefined, CallbackCommand: undefined, Sign: undefined, RequestTime: undefined, RequestID: undefined, RequestId: undefined }
  const differing: Spelling[] = []
  const encoded = isEncoded(query)
  for (let from = query.startsWith('?') ? 1 : 0, end; from < query.length; from = end + 1) {
    end = indexOrEnd(query, '&', from, query.length)
    const equals = indexOrEnd(query, '=', from, end)
    const pair = encoded && isEncoded(query.slice(from, end)) ? decoded(query.slice(from, end)) : undefined
    const name = pair?.name ?? query.slice(from, equals)
    switch (name) {
      case 'SdkAppid': case 'SdkAppId': case 'CallbackCommand': case 'Sign': case 'RequestTime': case 'RequestID': case 'RequestId': {
        const value = pair?.value ?? query.slice(equals + 1, end)
        values[name] ??= value
        if (values[name] !== value) differing.push(name)
      }
    }
  }
  for (const [name, other] of alternatives) {
    if (values[other] === undefined) continue
    values[name] ??= values[other]
    if (values[name] !== values[other] || differing.includes(other)) differing.push(name)
  }
  return {
    sdkAppId: values.SdkAppid,
    command: values.CallbackCommand,
    Sign: values.Sign,
    RequestTime: values.RequestTime,
    requestId: values.RequestID,
    repeated: differing.length === 0 ? [] : names.filter(name => differing.includes(name))
  }
}

/** By which parameters go; where several spellings are there, the value under this one counts. */
const names: readonly Spelling[] = ['SdkAppid', 'CallbackCommand', 'Sign', 'RequestTime', 'RequestID']
const alternatives: ReadonlyArray<readonly [Spelling, Spelling]> = [['SdkAppid', 'SdkAppId'], ['RequestID', 'RequestId']]

/** The query as received, without `Sign`: it is a credential, and goes no further than the ingress. */
export const withoutSign = (query: string): string => !query.includes('Sign') && !query.includes('%')
  ? query
  : query.split('&').filter(pair => nameOf(pair) !== 'Sign').join('&')

function nameOf (pair: string): string {
  const bare = pair.startsWith('?') ? pair.slice(1) : pair
  return isEncoded(bare) ? decoded(bare).name : bare.slice(0, indexOrEnd(bare, '=', 0, bare.length))
}

/** Whether anything in it stands for something else. */
const isEncoded = (text: string): boolean => text.includes('%') || text.includes('+')

function decoded (pair: string): { name: string, value: string } {
  const [[name, value] = ['', '']] = new URLSearchParams(`&${pair}`) // a ? in front would be dropped
  return { name, value }
}

function indexOrEnd (text: string, character: string, from: number, end: number): number {
  const index = text.indexOf(character, from)
  return index < 0 || index > end ? end : index
}
