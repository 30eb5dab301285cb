import { groupIdOf as groupIdIn, type Event } from '@baton/contracts'
import { storableJson, storableText } from './storable.ts'
import type { FieldOf, Register, Row, TableName, Value } from './tables.ts'
import { timeOf, versionOf } from './version.ts'

/** What an event tells of groups, topics and members. Oddly shaped fields count as not there; nothing throws. */
export function rowsOfEvent (event: Event, body: object): Row[] {
  const groupId = groupIdOf(body)
  const read = readers.get(event.command)
  if (read === undefined || groupId === undefined) return []
  const app = String(event.appId)
  const version = versionOf(event)
  const fields = new Map<string, unknown>(Object.entries(body))
  return read({
    event,
    groupId,
    field: name => fields.get(name),
    row: (table, ids, known) => ({ table, key: [app, ...ids], fields: registers(known, version) })
  })
}

/** The group that a body of any command belongs to, as the tables spell it. */
export function groupIdOf (body: object): string | undefined {
  const groupId = groupIdIn(body)
  return groupId === undefined ? undefined : storableText(groupId)
}

interface Reading {
  event: Event
  groupId: string
  /** A field of the body. */
  field: (name: string) => unknown
  row: <T extends TableName>(table: T, ids: string[], fields: { [name in FieldOf<T>]?: Value | undefined }) => Row
}

/** By command. A Map, since a command is a stranger's text, and every plain object knows `valueOf`. */
const readers = new Map<string, (reading: Reading) => Row[]>([
  ['Group.CallbackAfterCreateGroup', ({ event, groupId, field, row }) => {
    const owner = nonEmpty(field('Owner_Account'))
    const joinedAt = timeOf(event)
    const group = row('chat_group', [groupId], {
      type: text(field('Type')),
      name: text(field('Name')),
      owner_account: owner,
      custom: custom(field('UserDefinedDataList'))
    })
    // The list tells who is in, not who is what: roles other than the owner's stay unknown.
    const members = accounts(field('MemberList')).map(account => row('chat_group_member', [groupId, account], { joined_at: joinedAt }))
    if (owner !== undefined) members.push(row('chat_group_member', [groupId, owner], { role: 'Owner', joined_at: joinedAt }))
    return [group, ...members]
  }],

  ['Group.CallbackAfterCreateTopic', ({ groupId, field, row }) => {
    const topicId = nonEmpty(field('TopicId'))
    // Type and owner are the community's; the name is the topic's.
    const community = row('chat_group', [groupId], { type: text(field('Type')), owner_account: nonEmpty(field('Owner_Account')) })
    if (topicId === undefined) return [community]
    return [community, row('chat_topic', [topicId], {
      group_id: groupId,
      name: text(field('Name')),
      custom: custom(field('UserDefinedDataList'))
    })]
  }]
])

const registers = (fields: Record<string, Value | undefined>, version: string): Map<string, Register> =>
  new Map(Object.entries(fields).flatMap(([name, value]) => value === undefined ? [] : [[name, { value, version }]]))

const text = (value: unknown): string | undefined => typeof value === 'string' ? storableText(value) : undefined

const nonEmpty = (value: unknown): string | undefined => text(value) || undefined

const accounts = (list: unknown): string[] =>
  Array.isArray(list) ? list.flatMap((item: unknown) => nonEmpty(propertyOf(item, 'Member_Account')) ?? []) : []

/** One JSON object of Key to Value. */
function custom (list: unknown): string | undefined {
  if (!Array.isArray(list)) return undefined
  return JSON.stringify(Object.fromEntries(list.flatMap((item: unknown) => {
    const key = nonEmpty(propertyOf(item, 'Key'))
    return key === undefined ? [] : [[key, storableJson(propertyOf(item, 'Value') ?? null)]]
  })))
}

const propertyOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined
