import { knownCommands, entryOf } from './catalogue.ts'
import { usualEventTime, usualOrderingKey, type EventTimePlace } from './command-entry.ts'
import { communityOf } from './community-of.ts'

/** What an ingress reads out of a body of any command, known or not. Absent or oddly typed fields count as not there. */
export interface EventKeys {
  /** ms since 1970. */
  eventTime: number | null
  /** Events of one key belong together. */
  orderingKey: string
}

type Path = readonly string[]

/** The ordering keys of a command in turn: one field, or the pair of two. */
interface Places {
  keys: ReadonlyArray<readonly [Path] | readonly [Path, Path]>
  eventTime: { path: Path, unit: EventTimePlace['unit'] }
}

const usual: Places['keys'] = usualOrderingKey.map(pathsIn)
const usualTime: Places['eventTime'] = { path: [usualEventTime.field], unit: usualEventTime.unit }

const places = new Map<string, Places>(knownCommands.map(command => {
  const { orderingKey = [], eventTime = usualEventTime } = entryOf(command) ?? {}
  return [command, { keys: [...orderingKey.map(pathsIn), ...usual], eventTime: { path: eventTime.field.split('.'), unit: eventTime.unit } }]
}))

function pathsIn (key: string): readonly [Path] | readonly [Path, Path] {
  const [one = '', other] = key.split('+')
  return other === undefined ? [one.split('.')] : [one.split('.'), other.split('.')]
}

export function eventKeysOf (command: string, body: object): EventKeys {
  const { keys, eventTime } = places.get(command) ?? { keys: usual, eventTime: usualTime }
  return { orderingKey: orderingKeyIn(body, keys), eventTime: eventTimeIn(valueAt(body, eventTime.path), eventTime.unit) }
}

function orderingKeyIn (body: object, keys: Places['keys']): string {
  for (const [path, other] of keys) {
    const found = textAt(body, path)
    if (found === undefined) continue
    if (other === undefined) return path.at(-1) === 'TopicId' ? communityOf(found) ?? found : found
    const peer = textAt(body, other)
    if (peer !== undefined) return found < peer ? `${found}\n${peer}` : `${peer}\n${found}`
  }
  return ''
}

/** The GroupId of a body; where it has none, of the community that its TopicId belongs to. */
export function groupIdOf (body: object): string | undefined {
  const topicId = textAt(body, ['TopicId'])
  return textAt(body, ['GroupId']) ?? (topicId === undefined ? undefined : communityOf(topicId))
}

/** The type of the group that a body is about, as it came. Where there is no group, `Type` means something else. */
export const groupTypeOf = (body: object): string | undefined => groupIdOf(body) === undefined ? undefined : textAt(body, ['Type'])

function textAt (body: object, path: Path): string | undefined {
  const value = valueAt(body, path)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function valueAt (body: object, path: Path): unknown {
  let value: unknown = body
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}

/** EventTime comes as a number or as digits in a string. 0 is no time: it would make all that is alike the same event. */
function eventTimeIn (value: unknown, unit: EventTimePlace['unit']): number | null {
  const given = typeof value === 'number' ? value : typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : NaN
  const time = unit === 's' ? 1_000 * given : given
  return Number.isSafeInteger(time) && time > 0 && time <= 999_999_999_999_999 ? time : null
}
