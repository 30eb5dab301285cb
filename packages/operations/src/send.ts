import { randomUUID } from 'node:crypto'
import { setImmediate as yieldOnce, setTimeout as pause } from 'node:timers/promises'
import { examples, isKnownCommand, knownCommands, signatureOf } from '@baton/contracts'
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
  /** Callbacks a second, whether they are answered or not; if left out, each waits for the answer to the one before. */
  rate?: number | undefined
  /** Told of each answer. */
  onAnswer?: (answer: Answer) => void
  /** Told of each callback that got none. */
  onSilence?: (reason: string) => void
}

export interface Answer {
  status: number
  /** The ErrorCode of the envelope; undefined where the answer was none. */
  errorCode: number | undefined
  errorInfo: string
  /** From sending to the whole answer, in ms. */
  took: number
}

export interface Sent {
  sent: number
  acknowledged: number
  refused: number
  /** No answer in time, or a broken connection: the ingress may have kept the event all the same. */
  unanswered: number
  /** Callbacks a second that were sent, the last answer included in the time. */
  rate: number
}

/** Tencent hangs up after 2 s, so nobody should take longer. In ms. */
const patience = 2_000

/** Beyond so many callbacks in flight even a given rate waits for answers. */
const mostInFlight = 256

/** Posts callbacks to an ingress as Tencent's backend would. Throws INGRESS_UNREACHABLE where the first one gets no answer. */
export async function send ({ to, command, appId, token, bodies, count = 1, rate, onAnswer = () => {}, onSilence = () => {} }: SendOptions): Promise<Sent> {
  if (bodies === undefined && !isKnownCommand(command)) {
    throw new BatonError('BAD_ARGUMENT', `There is no example of ${command}. Known are ${knownCommands.join(', ')}; for another command name a file with bodies.`)
  }
  if (!URL.canParse(to)) throw new BatonError('BAD_ARGUMENT', `${to} is no URL of an ingress; one is http://127.0.0.1:7080/.`)
  const totals = { sent: 0, acknowledged: 0, refused: 0, unanswered: 0 }
  const sendOne = async (nth: number): Promise<void> => {
    totals.sent += 1
    try {
      const answer = await post(callbackUrl(to, command, appId, token), bodies?.[nth % bodies.length] ?? exampleBody(command))
      if (answer.errorCode === 0 && answer.status === 200) totals.acknowledged += 1
      else totals.refused += 1
      onAnswer(answer)
    } catch (error) {
      if (nth === 0) throw unreachable(to, error)
      totals.unanswered += 1
      onSilence(causeOf(error))
    }
  }

  const started = performance.now()
  await sendOne(0) // alone: it tells whether there is an ingress at all
  const inFlight = new Set<Promise<void>>()
  const rest = performance.now()
  for (let nth = 1; nth < count; nth++) {
    if (rate === undefined) {
      await sendOne(nth)
      continue
    }
    await until(rest + nth * 1_000 / rate)
    if (inFlight.size >= mostInFlight) await Promise.race(inFlight)
    const one = sendOne(nth).finally(() => inFlight.delete(one))
    inFlight.add(one)
  }
  await Promise.all(inFlight)
  return { ...totals, rate: Math.round(totals.sent * 10_000 / (performance.now() - started)) / 10 }
}

/** A timer is no finer than 1 ms; what is due earlier or overdue lets others have their turn only. */
async function until (moment: number): Promise<void> {
  const wait = moment - performance.now()
  await (wait < 1 ? yieldOnce() : pause(wait))
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
  const example: object = isKnownCommand(command) ? examples[command] : {}
  const own = randomUUID().replaceAll('-', '').slice(0, 12).toUpperCase()
  const community = `@TGS#_@TGS#${own}`
  const ids = 'TopicId' in example
    ? { GroupId: community, TopicId: `${community}@TOPIC#_@TOPIC#${own}` }
    : { GroupId: `@TGS#${own}`, EventTime: Date.now() }
  return JSON.stringify({ ...example, ...ids })
}

async function post (url: URL, body: string): Promise<Answer> {
  const started = performance.now()
  const response = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(patience) })
  const fields = fieldsOf(await response.text())
  const code = fields.get('ErrorCode')
  return {
    status: response.status,
    errorCode: typeof code === 'number' ? code : undefined,
    errorInfo: String(fields.get('ErrorInfo') ?? 'the answer is no envelope'),
    took: performance.now() - started
  }
}

/** The fields of a JSON object; none of anything else. */
function fieldsOf (text: string): Map<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}))
  } catch {
    return new Map()
  }
}

const unreachable = (to: string, error: unknown) =>
  new BatonError('INGRESS_UNREACHABLE', `The ingress at ${new URL(to).origin} does not answer (${causeOf(error)}). Start it with npm start, or name another one with --to.`, { cause: error })

const causeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}
