import { createHmac, createSecretKey } from 'node:crypto'
import { isUtf8 } from 'node:buffer'
import { eventKeysOf, type Event } from '@baton/contracts'
import { SecretText } from '@baton/runtime'
import { Type, type Static } from '@sinclair/typebox'
import { maskText, type MaskAction } from './mask-body.ts'
import { problemOfPath, startOf } from './mask-path.ts'

export const MaskRule = Type.Object({
  field: Type.String({
    pattern: '^(/|query:).',
    description: 'A path into the body such as /MsgBody/*/MsgContent/Text, where * is any element or name, *_Account any name that ends so, and ** any number of steps; or query:ClientIP for a parameter of the query.',
    examples: ['/MsgBody/*/MsgContent/Text', '/**/*_Account', 'query:ClientIP']
  }),
  action: Type.Union([Type.Literal('drop'), Type.Literal('hash')], { description: 'drop: it is left out. hash: in its place stands the HMAC-SHA-256 of its value, in hex.' })
}, { additionalProperties: false })
export type MaskRule = Static<typeof MaskRule>

export const MaskKey = SecretText({ minLength: 16, description: 'Key of the hashes of mask, at least 16 characters. Values that are equal have equal hashes wherever the key is the same.' })

/** The event as it may leave; undefined where its body cannot be read, so that nobody knows what is in it. */
export type Mask = <E extends Event>(event: E) => E | undefined

const query = 'query:'

/** What is wrong with a field that is to be masked. */
export const problemOfMasked = (field: string): string | undefined => field.startsWith(query) ? undefined : problemOfPath(field)

const byteOrderMark = '\uFEFF'

/**
 * Masks what leaves of an event: the body, the query, and what repeats them. Where anything was masked, the answer of the endpoint that decided goes, too; and an ordering key
 * that was made of masked values is hashed. Id, app, command and times stay.
 */
export function maskOf (rules: readonly MaskRule[], key: string): Mask {
  const secret = createSecretKey(Buffer.from(key))
  const hash = (value: string) => createHmac('sha256', secret).update(value).digest('hex')
  const inBody = rules.filter(({ field }) => !field.startsWith(query))
  const start = startOf(inBody.map(({ field }) => field))
  const parameters = new Map(rules.filter(({ field }) => field.startsWith(query)).toReversed().map(({ field, action }) => [field.slice(query.length), action]))
  const actions = inBody.map(({ action }): MaskAction => action === 'drop' ? 'drop' : value => `"${hash(hashedText(value))}"`)

  return event => {
    const whole = inBody.length === 0 ? 'stays' : wholeOf(event.body)
    if (whole === undefined) return undefined
    const masked = whole === 'stays' ? undefined : maskText(whole.text, start, actions)
    const query = parameters.size === 0 ? event.query : maskedQuery(event.query, parameters, hash)
    if (masked === undefined && query === event.query) return event
    const decision = event.decision === undefined ? undefined : withoutAnswer(event.decision)
    const rest = { ...event, query, ...decision !== undefined && { decision } }
    if (masked === undefined || whole === 'stays') return rest
    const { mark, parsed } = whole
    const isKeyMasked = eventKeysOf(event.command, parsed).orderingKey !== eventKeysOf(event.command, JSON.parse(masked)).orderingKey
    return { ...rest, body: Buffer.from(mark + masked), ...isKeyMasked && { orderingKey: hash(event.orderingKey) } }
  }
}

/** The text of a body, apart from its byte order mark; undefined where it is no JSON object in UTF-8. */
function wholeOf (body: Buffer): { mark: string, text: string, parsed: object } | undefined {
  if (!isUtf8(body)) return undefined
  const whole = body.toString()
  const mark = whole.startsWith(byteOrderMark) ? byteOrderMark : ''
  const text = whole.slice(mark.length)
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { mark, text, parsed } : undefined
  } catch {
    return undefined
  }
}

/** What is hashed of a value: of a string what it says, so that it is the same as in a query or written otherwise; of all else its text. */
function hashedText (value: string): string {
  if (!value.startsWith('"')) return value
  const said: unknown = JSON.parse(value)
  return String(said)
}

function maskedQuery (query: string, parameters: ReadonlyMap<string, MaskRule['action']>, hash: (value: string) => string): string {
  const pairs = query.split('&')
  const masked = pairs.flatMap(pair => {
    const [[name, value] = ['', '']] = new URLSearchParams(`&${pair}`) // a ? in front would be dropped
    const action = parameters.get(name)
    if (action === undefined) return [pair]
    return action === 'drop' ? [] : [`${pair.slice(0, endOfName(pair))}=${hash(value)}`]
  })
  return masked.join('&')
}

const endOfName = (pair: string): number => pair.includes('=') ? pair.indexOf('=') : pair.length

function withoutAnswer ({ answer, ...rest }: NonNullable<Event['decision']>): NonNullable<Event['decision']> {
  return rest
}
