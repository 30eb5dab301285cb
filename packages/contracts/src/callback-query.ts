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

/** What was given for a parameter: the first value, and whether there is another one too. */
interface Given {
  value: string
  differs: boolean
}

/**
 * Reads the query of a callback. Source: https://intl.cloud.tencent.com/document/product/1047/34354
 * What URLSearchParams would find in a URL as Node gives it, but by hand: each acknowledgement waits for this.
 */
export function readCallbackQuery (query: string): CallbackQuery {
  let sdkAppId: Given | undefined
  let otherSdkAppId: Given | undefined
  let command: Given | undefined
  let sign: Given | undefined
  let requestTime: Given | undefined
  let requestId: Given | undefined
  let otherRequestId: Given | undefined
  const encoded = isEncoded(query)
  for (let from = query.startsWith('?') ? 1 : 0, end; from < query.length; from = end + 1) {
    end = indexOrEnd(query, '&', from, query.length)
    const equals = indexOrEnd(query, '=', from, end)
    const pair = encoded && isEncoded(query.slice(from, end)) ? decoded(query.slice(from, end)) : undefined
    const value = pair?.value ?? query.slice(equals + 1, end)
    switch (pair?.name ?? query.slice(from, equals)) {
      case 'SdkAppid': sdkAppId = given(sdkAppId, value); break
      case 'SdkAppId': otherSdkAppId = given(otherSdkAppId, value); break
      case 'CallbackCommand': command = given(command, value); break
      case 'Sign': sign = given(sign, value); break
      case 'RequestTime': requestTime = given(requestTime, value); break
      case 'RequestID': requestId = given(requestId, value); break
      case 'RequestId': otherRequestId = given(otherRequestId, value); break
    }
  }
  sdkAppId = either(sdkAppId, otherSdkAppId)
  requestId = either(requestId, otherRequestId)

  const repeated: string[] = []
  if (sdkAppId?.differs) repeated.push('SdkAppid')
  if (command?.differs) repeated.push('CallbackCommand')
  if (sign?.differs) repeated.push('Sign')
  if (requestTime?.differs) repeated.push('RequestTime')
  if (requestId?.differs) repeated.push('RequestID')
  return { sdkAppId: sdkAppId?.value, command: command?.value, Sign: sign?.value, RequestTime: requestTime?.value, requestId: requestId?.value, repeated }
}

const given = (before: Given | undefined, value: string): Given =>
  before === undefined || before.value === value ? before ?? { value, differs: false } : { value: before.value, differs: true }

/** Of two spellings of one parameter, the value under the first one counts. */
const either = (one: Given | undefined, other: Given | undefined): Given | undefined =>
  one === undefined || other === undefined ? one ?? other : { value: one.value, differs: one.differs || other.differs || one.value !== other.value }

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
