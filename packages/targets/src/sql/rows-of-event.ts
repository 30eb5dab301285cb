import type { Event } from '@baton/contracts'
import { listOf, nonEmpty, propertyOf, readingOf, text, type Reading } from './reading.ts'
import { messageReaders } from './rows-of-message.ts'
import type { Row } from './tables.ts'

/**
 * What an event tells of groups, topics, members and messages; `text` is the body's, `body` what it says. Oddly shaped fields count as not
 * there; nothing throws.
 */
export function rowsOfEvent (event: Event, text: string, body: object): Row[] {
  const [ofMessages, ofGroups] = [messageReaders.get(event.command), groupReaders.get(event.command)]
  if (ofMessages === undefined && ofGroups === undefined) return []
  const reading = readingOf(event, text, body)
  const { groupId } = reading
  return ofMessages?.(reading) ?? (groupId === undefined ? [] : ofGroups?.({ ...reading, groupId }) ?? [])
}

interface GroupReading extends Reading {
  groupId: string
}

/** By command. A Map, since a command is a stranger's text, and every plain object knows `valueOf`. */
const groupReaders = new Map<string, (reading: GroupReading) => Row[]>([
  // A beginning tells all: what it does not name is not there, whatever a group of this id had been before.
  ['Group.CallbackAfterCreateGroup', reading => {
    const { groupId, time, fields, row } = reading
    const owner = nonEmpty(fields.get('Owner_Account'))
    const group = row('chat_group', [groupId], {
      type: text(fields.get('Type')),
      name: text(fields.get('Name')),
      owner_account: owner,
      custom: custom(reading),
      created_at: time
    }, { begins: true })
    // The list tells who is in, not who is what: roles other than the owner's stay unknown.
    const members = new Set([...accounts(fields.get('MemberList')), ...owner === undefined ? [] : [owner]])
    return [group, ...[...members].map(member =>
      row('chat_group_member', [groupId, member], { role: member === owner ? 'Owner' : undefined, joined_at: time }, { begins: true }))]
  }],

  ['Group.CallbackAfterNewMemberJoin', ({ groupId, time, fields, row }) => [
    row('chat_group', [groupId], { type: text(fields.get('Type')) }),
    // Who comes back is a member like any other, whatever he was before.
    ...accounts(fields.get('NewMemberList')).map(member =>
      row('chat_group_member', [groupId, member], { role: 'Member', joined_at: time }, { begins: true }))
  ]],

  ['Group.CallbackAfterMemberExit', ({ groupId, time, fields, row }) => [
    row('chat_group', [groupId], { type: text(fields.get('Type')) }),
    ...accounts(fields.get('ExitMemberList')).map(member =>
      row('chat_group_member', [groupId, member], { left_at: time, exit_type: text(fields.get('ExitType')) ?? null }))
  ]],

  ['Group.CallbackAfterMemberFieldChanged', reading => {
    const { groupId, fields, row } = reading
    // The editions of the documentation disagree about its name.
    const member = nonEmpty(fields.get('Modified_Account')) ?? nonEmpty(fields.get('Member_Account'))
    const group = row('chat_group', [groupId], { type: text(fields.get('Type')) })
    if (member === undefined) return [group]
    const changed = customMembers(reading)
    return [group, row('chat_group_member', [groupId, member], {
      role: text(fields.get('Role')),
      name_card: text(fields.get('NameCard'))
    }, { custom: changed && { emptied: false, members: changed } })]
  }],

  ['Group.CallbackAfterChangeGroupOwner', ({ groupId, fields, row }) => {
    const [before, now] = [nonEmpty(fields.get('OldOwner_Account')), nonEmpty(fields.get('NewOwner_Account'))]
    return [
      row('chat_group', [groupId], { type: text(fields.get('Type')), owner_account: now }),
      ...before === undefined || before === now ? [] : [row('chat_group_member', [groupId, before], { role: 'Member' })],
      ...now === undefined ? [] : [row('chat_group_member', [groupId, now], { role: 'Owner' })]
    ]
  }],

  ['Group.CallbackAfterGroupInfoChanged', ({ groupId, fields, row }) => [row('chat_group', [groupId], {
    type: text(fields.get('Type')),
    ...profile(fields),
    shut_up_all_member: text(fields.get('ShutUpAllMember')),
    apply_join_option: text(fields.get('ApplyJoinOption'))
  })]],

  ['Group.CallbackAfterGroupAttrChanged', reading => {
    const { groupId, fields, row } = reading
    const option = String(fields.get('OptionType')).toLowerCase()
    const named = attributes(reading)
    const members = option === 'clear' ? {} : option === 'delete' ? Object.fromEntries(Object.keys(named).map(name => [name, null])) : named
    return [row('chat_group', [groupId], { type: text(fields.get('Type')) }, { attributes: { emptied: option === 'set' || option === 'clear', members } })]
  }],

  ['Group.CallbackAfterGroupFull', ({ groupId, time, row }) => [row('chat_group', [groupId], { full_at: time })]],

  ['Group.CallbackAfterGroupDestroyed', ({ groupId, time, fields, row }) => [
    row('chat_group', [groupId], {
      type: text(fields.get('Type')),
      name: text(fields.get('Name')),
      owner_account: nonEmpty(fields.get('Owner_Account')),
      destroyed_at: time
    }, { attributes: { emptied: true, members: {} } }),
    ...accounts(fields.get('MemberList')).map(member => row('chat_group_member', [groupId, member], { left_at: time, exit_type: null }))
  ]],

  ['Group.CallbackAfterCreateTopic', reading => {
    const { groupId, time, fields, row } = reading
    // Type and owner are the community's; the name is the topic's.
    const community = row('chat_group', [groupId], { type: text(fields.get('Type')), owner_account: nonEmpty(fields.get('Owner_Account')) })
    const topicId = nonEmpty(fields.get('TopicId'))
    if (topicId === undefined) return [community]
    return [community, row('chat_topic', [topicId], {
      group_id: groupId,
      name: text(fields.get('Name')),
      custom: custom(reading),
      created_at: time
    }, { begins: true })]
  }],

  // No edition of the documentation has a TopicId here; without one nobody knows which topic it was.
  ['Group.CallbackAfterTopicInfoChanged', ({ groupId, fields, row }) => {
    const community = row('chat_group', [groupId], { type: text(fields.get('Type')) })
    const topicId = nonEmpty(fields.get('TopicId'))
    return topicId === undefined ? [community] : [community, row('chat_topic', [topicId], { group_id: groupId, ...profile(fields) })]
  }],

  ['Group.CallbackAfterTopicDestroyed', ({ groupId, time, fields, row }) => [
    row('chat_group', [groupId], { type: text(fields.get('Type')) }),
    ...topicIds(fields.get('TopicIdList')).map(topicId => row('chat_topic', [topicId], { group_id: groupId, destroyed_at: time }))
  ]]
])

/** Each once. */
const accounts = (list: unknown): string[] => [...new Set(listOf(list).flatMap(item => nonEmpty(propertyOf(item, 'Member_Account')) ?? []))]

/** A list, or text: one edition of the documentation says so. */
const topicIds = (list: unknown): string[] => [...new Set((Array.isArray(list) ? list : [list]).flatMap((item: unknown) => nonEmpty(item) ?? []))]

/** What groups and topics have in common; only what has changed is there. */
const profile = (fields: Reading['fields']) => ({
  name: text(fields.get('Name')),
  introduction: text(fields.get('Introduction')),
  notification: text(fields.get('Notification')),
  face_url: text(fields.get('FaceUrl'))
})

/** The text of one JSON object of Key to Value. */
function custom (reading: Reading): string | undefined {
  const members = customMembers(reading)
  return members && `{${Object.entries(members).map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`
}

function customMembers ({ fields, jsonOf }: Reading): Record<string, string> | undefined {
  const list = fields.get('UserDefinedDataList')
  if (!Array.isArray(list)) return undefined
  return Object.fromEntries(list.flatMap((item: unknown, at) => {
    const key = nonEmpty(propertyOf(item, 'Key'))
    return key === undefined ? [] : [[key, jsonOf(propertyOf(item, 'Value') ?? null, ['UserDefinedDataList', at, 'Value'])]]
  }))
}

/** Spelled in lower case here. */
const attributes = ({ fields, jsonOf }: Reading): Record<string, string> => Object.fromEntries(listOf(fields.get('GroupAttr')).flatMap((item, at) => {
  const key = nonEmpty(propertyOf(item, 'key'))
  return key === undefined ? [] : [[key, jsonOf(propertyOf(item, 'value') ?? null, ['GroupAttr', at, 'value'])]]
}))
