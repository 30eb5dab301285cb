import { groupIdOf as groupIdIn, type Event } from '@baton/contracts'
import { jsonTextsOf, type Path } from './json-text.ts'
import { storableText } from './storable.ts'
import type { FieldOf, MapOf, MapState, Register, Row, TableName, Value } from './tables.ts'
import { timeOf, versionAt } from './version.ts'

/** Members that are told anew, or null for those that are taken away. `emptied`: all others are gone. */
interface MapChange {
  emptied: boolean
  members: Readonly<Record<string, string | null>>
}

interface Further {
  /** It tells every field, see Row. */
  begins?: boolean
  /** When it became so, in ms since 1970, where that is not the time of the event. */
  since?: number | undefined
}

/** An event, as the readers of commands see it. */
export interface Reading {
  /** Of the group that it is about, as the tables spell it. */
  groupId: string | undefined
  /** In ms since 1970. */
  time: number
  /** Of the body. */
  fields: ReadonlyMap<string, unknown>
  /** The text of a value that stands at this path of the body. */
  jsonOf: (value: unknown, path: Path) => string
  row: <T extends TableName>(table: T, ids: string[], fields: { [name in FieldOf<T>]?: Value | undefined }, further?: { [name in MapOf<T>]?: MapChange | undefined } & Further) => Row
}

export function readingOf (event: Event, text: string, body: object): Reading {
  const app = String(event.appId)
  return {
    groupId: groupIdOf(body),
    time: timeOf(event),
    fields: new Map<string, unknown>(Object.entries(body)),
    jsonOf: jsonTextsOf(text),
    row: (table, ids, known, { begins = false, since, ...maps } = {}) => {
      const version = versionAt(since ?? timeOf(event), event.id)
      return {
        table,
        key: [app, ...ids],
        begun: begins ? version : '',
        fields: registers(known, version),
        maps: new Map(Object.entries<MapChange | undefined>(maps).flatMap(([name, change]) => change === undefined ? [] : [[name, stateAfter(change, version)]]))
      }
    }
  }
}

/** The group that a body of any command belongs to, as the tables spell it. */
export function groupIdOf (body: object): string | undefined {
  const groupId = groupIdIn(body)
  return groupId === undefined ? undefined : storableText(groupId)
}

const registers = (fields: Record<string, Value | undefined>, version: string): Map<string, Register> =>
  new Map(Object.entries(fields).flatMap(([name, value]) => value === undefined ? [] : [[name, { value, version }]]))

const stateAfter = ({ emptied, members }: MapChange, version: string): MapState => ({ emptied: emptied ? version : '', members: registers(members, version) })

export const text = (value: unknown): string | undefined => typeof value === 'string' ? storableText(value) : undefined

/** The id of somebody or something: a text that is not empty. */
export const nonEmpty = (value: unknown): string | undefined => text(value) || undefined

/** The digits of a whole number that is not negative; of ones that come as text as well. */
export function digits (value: unknown): string | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) && Number(number) >= 0 ? String(number) : undefined
}

/** A time in s since 1970, in ms. 0 is none. */
export function secondsIn (value: unknown): number | undefined {
  const seconds = Number(digits(value) ?? 0)
  return seconds > 0 && seconds <= 999_999_999_999 ? seconds * 1_000 : undefined
}

export const listOf = (list: unknown): unknown[] => Array.isArray(list) ? list : []

export const propertyOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined
