import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { catalogue, isKnownCommand, signatureOf } from '@baton/contracts'
import { BatonError } from '@baton/runtime'

export interface SendOptions {
  /** The ingress. */
  to: string
  command: string
  appId: number
  /** Signs the callbacks as Tencent would. */
  token?: string | undefined
  /** Bodies to send in turn; made up from the command's example if left out. */
  bodies?: readonly string[] | undefined
  count?: number
  /** Callbacks a second; as fast as they are answered if left out. */
  rate?: number | undefined
  /** Told of each answer. */
  onAnswer?: (answer: Answer) => void
}

export interface Answer {
  status: number
  /** The ErrorCode of the envelope; undefined where the answer was none. */
  errorCode: number | undefined
  errorInfo: string
  /** From sending to the whole answer, in ms. */
  took: number
}

export interface Sent { sent: number, acknowledged: number, refused: number }

/** Tencent hangs up after 2 s, so nobody should take longer. In ms. */
const patience = 2_000

/** Posts callbacks to an ingress as Tencent's backend would, one after the other. */
export async function send ({ to, command, appId, token, bodies, count = 1, rate, onAnswer = () => {} }: SendOptions): Promise<Sent> {
  if (bodies === undefined && !isKnownCommand(command)) {
    throw new BatonError('BAD_ARGUMENT', `There is no example of ${command}. Known are ${Object.keys(catalogue).join(', ')}; for another command name a file with bodies.`)
  }
  const totals: Sent = { sent: 0, acknowledged: 0, refused: 0 }
  const started = performance.now()
  for (let nth = 0; nth < count; nth++) {
    if (rate !== undefined) await pause(Math.max(0, started + nth * 1_000 / rate - performance.now()))
    const answer = await post(callbackUrl(to, command, appId, token), bodies?.[nth % bodies.length] ?? exampleBody(command))
    totals.sent += 1
    if (answer.errorCode === 0 && answer.status === 200) totals.acknowledged += 1
    else totals.refused += 1
    onAnswer(answer)
  }
  return totals
}

function callbackUrl (to: string, command: string, appId: number, token: string | undefined): URL {
  const url = new URL(to)
  const query = { SdkAppid: String(appId), CallbackCommand: command, contenttype: 'json', ClientIP: '127.0.0.1', OptPlatform: 'RESTAPI', RequestID: randomUUID() }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  if (token !== undefined) {
    const requestTime = String(Math.floor(Date.now() / 1_000))
    url.searchParams.set('Sign', signatureOf(token, requestTime))
    url.searchParams.set('RequestTime', requestTime)
  }
  return url
}

/** The documented example, as if it happened now and to a group of its own. */
function exampleBody (command: string): string {
  const example: object = isKnownCommand(command) ? catalogue[command].example : {}
  const own = randomUUID().replaceAll('-', '').slice(0, 12).toUpperCase()
  const community = `@TGS#_@TGS#${own}`
  const ids = 'TopicId' in example
    ? { GroupId: community, TopicId: `${community}@TOPIC#_@TOPIC#${own}` }
    : { GroupId: `@TGS#${own}`, EventTime: Date.now() }
  return JSON.stringify({ ...example, ...ids })
}

async function post (url: URL, body: string): Promise<Answer> {
  const started = performance.now()
  try {
    const response = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(patience) })
    const envelope: unknown = await response.json().catch(() => undefined)
    const fields = new Map(Object.entries(typeof envelope === 'object' && envelope !== null ? envelope : {}))
    const code: unknown = fields.get('ErrorCode')
    return {
      status: response.status,
      errorCode: typeof code === 'number' ? code : undefined,
      errorInfo: String(fields.get('ErrorInfo') ?? 'the answer is no envelope'),
      took: performance.now() - started
    }
  } catch (error) {
    throw new BatonError('INGRESS_UNREACHABLE', `The ingress at ${url.origin} does not answer (${causeOf(error)}). Start it with npm start, or name another one with --to.`, { cause: error })
  }
}

const causeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}
