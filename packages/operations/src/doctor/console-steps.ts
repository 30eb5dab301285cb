/** What is to be done in Tencent's console, in order. Source: https://www.tencentcloud.com/document/product/1047/34354 */
export function consoleSteps ({ url, appId, isSigned }: { url: string, appId: number, isSigned: boolean }): string[] {
  return [
    `Open the Chat console, application ${appId}, Webhook configuration. An application has one URL for all events.`,
    `Enter the callback URL, exactly so: ${url}${mustNotBeExtended(url)}`,
    'Switch on the events that you want. Creating, destroying and changing a topic share the switches of groups. Leave the events "before" off, unless a decision or a target wants them: each makes users wait for an answer.',
    isSigned
      ? 'Switch authentication on, and enter as token the one that stands in the relay file (apps, tokens).'
      : 'Switch authentication on, enter a long random token, put the same into the relay file (apps, tokens), and restart the ingress.',
    'Switch on the retry of events "after" on timeouts: what comes twice, Baton delivers once where EventTime or RequestID tell that it is the same.',
    'Save, and wait 2 minutes until Tencent uses it. Then let something happen, such as creating a group, and see it: npx baton status, or baton_callbacks_accepted_total in the metrics.'
  ]
}

/** The console asks not to change from a port to one that begins with it. */
function mustNotBeExtended (url: string): string {
  const port = URL.canParse(url) ? new URL(url).port : ''
  const shorter = ['80', '443'].find(usual => port.startsWith(usual) && port !== usual)
  return shorter === undefined ? '' : ` (not if port ${shorter} stood there before: Tencent asks not to change from a port to one that begins with it)`
}
