import type { KnownCommand } from '@baton/contracts'
import { anEvent } from '@baton/testing'
import fc from 'fast-check'
import type { Contents } from './databases.ts'

/** Random histories of events, the ways in which they may arrive, and a model that is plain enough to be believed. */

const few = <T>(...values: T[]) => fc.constantFrom(...values)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const account = few('ann', 'bob', 'Zoe')
const members = maybe(fc.array(fc.record({ Member_Account: account }), { maxLength: 3 }))
const topicId = few('g@TOPIC#_1', 'g@TOPIC#_2')

const receivedAt = few(1_000, 2_000, 200_000_000_000_000)

const commands = [
  'Group.CallbackAfterCreateGroup', 'Group.CallbackAfterNewMemberJoin', 'Group.CallbackAfterMemberExit', 'Group.CallbackAfterMemberFieldChanged',
  'Group.CallbackAfterChangeGroupOwner', 'Group.CallbackAfterGroupInfoChanged', 'Group.CallbackAfterGroupAttrChanged', 'Group.CallbackAfterGroupFull',
  'Group.CallbackAfterGroupDestroyed', 'Group.CallbackAfterCreateTopic', 'Group.CallbackAfterTopicInfoChanged', 'Group.CallbackAfterTopicDestroyed'
] as const satisfies KnownCommand[]

/** Any command with any of the fields; those that it does not know must do no harm. */
const happening = fc.record({
  id: fc.nat(9_999).map(number => `evt_${number}`),
  command: few(...commands),
  receivedAt,
  body: fc.record({
    GroupId: few('g', 'G'),
    TopicId: maybe(topicId),
    TopicIdList: maybe(fc.oneof(topicId, fc.array(topicId, { maxLength: 2 }))),
    Owner_Account: account,
    OldOwner_Account: account,
    NewOwner_Account: account,
    Modified_Account: maybe(account),
    Member_Account: maybe(account),
    Type: maybe(few('Public', 'Community')),
    Name: maybe(few('', 'one', 'two')),
    Introduction: maybe(few('', 'hello')),
    Notification: maybe(few('', 'news')),
    FaceUrl: maybe(few('https://a', 'https://b')),
    ShutUpAllMember: maybe(few('On', 'Off')),
    Role: maybe(few('Admin', 'Member')),
    NameCard: maybe(few('', 'Annie')),
    ExitType: maybe(few('Quit', 'Kicked')),
    OptionType: few('set', 'modify', 'delete', 'clear'),
    GroupAttr: maybe(fc.array(fc.record({ key: few('k', 'l', '__proto__'), value: few<unknown>('v', 'w', 1.5) }), { maxLength: 3 })),
    MemberList: members,
    NewMemberList: members,
    ExitMemberList: members,
    UserDefinedDataList: maybe(fc.array(fc.record({ Key: few('k', 'l'), Value: few<unknown>('v', '', 1) }), { maxLength: 2 })),
    // Often left out: the time of receipt decides then.
    EventTime: few<number | string | undefined>(undefined, undefined, undefined, 0, 500, 1_000, 1_500, '1500', 20_000, 253_000_000_000_000)
  })
})
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

/** Batches for two targets: each delivers its own one after the other, both at the same time. */
export type Schedule = [Happening[][], Happening[][]]

function arrivalsOf (history: Happening[]): fc.Arbitrary<Schedule> {
  const repeat = fc.record({ of: few(...history), receivedAt }).map(({ of, receivedAt }) => ({ ...of, receivedAt }))
  const order = fc.array(repeat, { maxLength: 6 }).chain(repeats =>
    fc.shuffledSubarray([...history, ...repeats], { minLength: history.length + repeats.length }))
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
  return fc.tuple(order, sizes).map(([events, sizes]) => {
    const schedule: Schedule = [[], []]
    for (let from = 0, turn = 0; from < events.length; turn++) {
      const size = sizes[turn % sizes.length] ?? 1
      schedule[turn % 2 === 0 ? 0 : 1].push(events.slice(from, from + size))
      from += size
    }
    return schedule
  })
}

/** One history, and two ways in which it may arrive. */
export const histories = fc.uniqueArray(happening, { selector: ({ id }) => id, minLength: 1, maxLength: 16 })
  .chain(history => fc.record({ history: fc.constant(history), one: arrivalsOf(history), other: arrivalsOf(history) }))

/**
 * The model: a group system that lives through what happened, in the order in which it happened. Of what it never saw begin, it
 * knows only what it was told. An event counts as received when the receipt that was stored says so: of repeats that arrive at
 * once, any one may be it.
 */
export function contentsAfter (happenings: Happening[], receipts: Partial<Record<string, number>>): Contents {
  const history = happenings.map(happening => ({ ...happening, receivedAt: receipts[happening.id] ?? NaN }))
  const timeOf = ({ body: { EventTime }, receivedAt }: Happening) => Number(EventTime) || receivedAt // 0 is no time
  const contents: Contents = { chat_group: {}, chat_topic: {}, chat_group_member: {} }
  for (const event of [...history].sort((a, b) => timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : 1))) live(contents, event, timeOf(event))
  for (const row of Object.values(contents).flatMap(rows => Object.values(rows))) {
    for (const [name, value] of Object.entries(row)) if (value === undefined) delete row[name]
  }
  return contents
}

function live (contents: Contents, { command, body }: Happening, time: number): void {
  const { GroupId, TopicId, TopicIdList, Type, Name, MemberList, NewMemberList, ExitMemberList, UserDefinedDataList, GroupAttr } = body
  const known = (table: keyof Contents, key: string) => (contents[table][key] ??= { incomplete: true })
  const begin = (table: keyof Contents, key: string, row: Record<string, unknown>) => { contents[table][key] = { ...row, incomplete: false } }
  const change = (row: Record<string, unknown>, told: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(told)) if (value !== undefined) row[name] = value
  }
  const member = (account: string) => `${GroupId} ${account}`
  const custom = UserDefinedDataList && Object.fromEntries(UserDefinedDataList.map(({ Key, Value }) => [Key, Value]))
  const attributesBefore = known('chat_group', GroupId).attributes
  const group = known('chat_group', GroupId)
  if (command !== 'Group.CallbackAfterGroupFull') change(group, { type: Type })

  switch (command) {
    case 'Group.CallbackAfterCreateGroup':
      begin('chat_group', GroupId, { type: Type, name: Name, owner_account: body.Owner_Account, custom, created_at: time, attributes: attributesBefore })
      for (const account of [...accountsIn(MemberList), body.Owner_Account]) {
        begin('chat_group_member', member(account), { ...customOf(contents, member(account)), joined_at: time, role: account === body.Owner_Account ? 'Owner' : undefined })
      }
      break
    case 'Group.CallbackAfterNewMemberJoin':
      for (const account of accountsIn(NewMemberList)) begin('chat_group_member', member(account), { ...customOf(contents, member(account)), joined_at: time, role: 'Member' })
      break
    case 'Group.CallbackAfterMemberExit':
      for (const account of accountsIn(ExitMemberList)) Object.assign(known('chat_group_member', member(account)), { left_at: time, exit_type: body.ExitType })
      break
    case 'Group.CallbackAfterMemberFieldChanged': {
      const account = body.Modified_Account ?? body.Member_Account
      if (account === undefined) break
      const row = known('chat_group_member', member(account))
      change(row, { role: body.Role, name_card: body.NameCard })
      if (custom !== undefined) row.custom = { ...Object(row.custom), ...custom }
      break
    }
    case 'Group.CallbackAfterChangeGroupOwner':
      change(group, { owner_account: body.NewOwner_Account })
      known('chat_group_member', member(body.OldOwner_Account)).role = 'Member'
      known('chat_group_member', member(body.NewOwner_Account)).role = 'Owner'
      break
    case 'Group.CallbackAfterGroupInfoChanged':
      change(group, { name: Name, introduction: body.Introduction, notification: body.Notification, face_url: body.FaceUrl, shut_up_all_member: body.ShutUpAllMember })
      break
    case 'Group.CallbackAfterGroupAttrChanged': {
      const named = new Map((GroupAttr ?? []).map(({ key, value }) => [key, value]))
      const attributes = new Map(Object.entries(Object(body.OptionType === 'set' || body.OptionType === 'clear' ? {} : group.attributes)))
      for (const [key, value] of body.OptionType === 'clear' ? [] : named) {
        if (body.OptionType === 'delete') attributes.delete(key)
        else attributes.set(key, value)
      }
      group.attributes = Object.fromEntries(attributes)
      break
    }
    case 'Group.CallbackAfterGroupFull':
      group.full_at = time
      break
    case 'Group.CallbackAfterGroupDestroyed':
      change(group, { name: Name, owner_account: body.Owner_Account, destroyed_at: time, attributes: {} })
      for (const account of accountsIn(MemberList)) Object.assign(known('chat_group_member', member(account)), { left_at: time, exit_type: undefined })
      break
    case 'Group.CallbackAfterCreateTopic':
      change(group, { owner_account: body.Owner_Account })
      if (TopicId !== undefined) begin('chat_topic', TopicId, { group_id: GroupId, name: Name, custom, created_at: time })
      break
    case 'Group.CallbackAfterTopicInfoChanged':
      if (TopicId !== undefined) change(known('chat_topic', TopicId), { group_id: GroupId, name: Name, introduction: body.Introduction, notification: body.Notification, face_url: body.FaceUrl })
      break
    case 'Group.CallbackAfterTopicDestroyed':
      for (const id of TopicIdList === undefined ? [] : [TopicIdList].flat()) change(known('chat_topic', id), { group_id: GroupId, destroyed_at: time })
  }
}

const accountsIn = (list: { Member_Account: string }[] | undefined): string[] => (list ?? []).map(({ Member_Account: account }) => account)

/** Custom fields of a member outlive his leaving and coming back. */
const customOf = ({ chat_group_member: rows }: Contents, key: string): Record<string, unknown> => ({ custom: rows[key]?.custom })

export const eventsOf = (batch: Happening[]) => batch.map(happening => anEvent(happening))
