import { isUtf8 } from 'node:buffer'
import { checkBody, eventIdOf, eventKeysOf, isReservedCommand, isUsableCommand, probeCommand, withoutSign, type BodyVerdict, type CallbackQuery, type Event, type Refusal, type RefusalKindWith } from '@baton/contracts'

/** A callback but for its body. */
export interface CallbackHead {
  appId: number
  /** The query string as received. */
  rawQuery: string
  query: CallbackQuery
}

/** An event, and its body as it was parsed. */
interface Callback {
  event: Event
  parsed: object
}

export type ReadCallback =
  | { refusal: Refusal<RefusalKindWith<400>>, command: string | undefined, unfit?: Callback }
  /** It is none, and fit: nothing is kept of it. */
  | { probe: true }
  | Callback & { verdict: BodyVerdict }

/** Makes an event of a callback, or says why it cannot be one. Parses the body once and keeps its bytes as they came. */
export function readCallback ({ appId, rawQuery, query }: CallbackHead, body: Buffer, receivedAt: () => number): ReadCallback {
  const parsed = parseObject(body)
  if (typeof parsed === 'string') return refuse('not-json-object', parsed, commandIn(query))

  const inBody = 'CallbackCommand' in parsed && typeof parsed.CallbackCommand === 'string' && parsed.CallbackCommand !== '' ? parsed.CallbackCommand : undefined
  const inQuery = query.command === '' ? undefined : query.command
  if (query.repeated.includes('CallbackCommand')) return refuse('commands-differ', 'the query parameter CallbackCommand stands there more than once, with different values')
  if (inBody !== undefined && inQuery !== undefined && inBody !== inQuery) return refuse('commands-differ', 'the query parameter CallbackCommand and the body field CallbackCommand differ; they must be the same')
  const command = inQuery ?? inBody
  if (command === undefined) return refuse('no-command', 'CallbackCommand is missing, in the query and in the body; one of them must name the command')
  if (!isUsableCommand(command)) return refuse('no-command', 'CallbackCommand is no command: it must begin with a letter and have at most 128 letters, digits, dots and underscores')
  if (command === probeCommand) return { probe: true }
  if (isReservedCommand(command)) return refuse('no-command', `CallbackCommand is reserved: the only command of Baton itself is ${probeCommand}`, command)

  const { eventTime, orderingKey } = eventKeysOf(command, parsed)
  const id = eventIdOf({ appId, command, body, hasEventTime: eventTime !== null, requestId: query.requestId })
  const event = { id, appId, command, query: withoutSign(rawQuery), receivedAt: receivedAt(), eventTime, orderingKey: orderingKey || id, body }
  const verdict = checkBody(command, parsed)
  if (verdict.kind !== 'unfit') return { event, parsed, verdict }
  return { ...refuse('unfit-field', `the body field ${verdict.field} of ${command} ${verdict.problem}`, command), unfit: { event, parsed } }
}

const refuse = (kind: RefusalKindWith<400>, info: string, command?: string): Extract<ReadCallback, { refusal: Refusal }> => ({ refusal: { kind, info }, command })

/** The command that the query names, where it is one. */
export const commandIn = ({ command, repeated }: CallbackQuery): string | undefined =>
  command !== undefined && isUsableCommand(command) && !repeated.includes('CallbackCommand') ? command : undefined

const byteOrderMark = 0xFEFF

/** The body as an object, or what is wrong with it. */
function parseObject (body: Buffer): object | string {
  if (body.length === 0) return 'the body is empty; it must be a JSON object'
  if (!isUtf8(body)) return 'the body is not valid UTF-8; it must be a JSON object in UTF-8'
  const text = body.toString('utf8')
  try {
    const parsed: unknown = JSON.parse(text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed
    return 'the body is JSON, but not an object; it must be a JSON object'
  } catch {
    return 'the body is not valid JSON; it must be a JSON object, without comments' // the parser's own message quotes the body
  }
}
