import { createHash } from 'node:crypto'
import type { KnownCommand } from '@baton/contracts'
import { anEvent } from '@baton/testing'
import fc from 'fast-check'
import type { GroupAtTime } from '../../src/target.ts'
import { noContents, type Contents } from './databases.ts'

/** Random histories of events, the ways in which they may arrive, and a model that is plain enough to be believed. */

const few = <T>(...values: T[]) => fc.constantFrom(...values)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const account = few('ann', 'bob', 'Zoe')
const members = maybe(fc.array(fc.record({ Member_Account: account }), { maxLength: 3 }))
const topicId = few('g@TOPIC#_1', 'g@TOPIC#_2')

const messageKey = few('1_7_2', '2_8_3')
const messageSeq = few<number | string>(0, 1, 2, '2')

const receivedAt = few(1_000, 2_000, 200_000_000_000_000)

const groupCommands = [
  'Group.CallbackAfterCreateGroup', 'Group.CallbackAfterNewMemberJoin', 'Group.CallbackAfterMemberExit', 'Group.CallbackAfterMemberFieldChanged',
  'Group.CallbackAfterChangeGroupOwner', 'Group.CallbackAfterGroupInfoChanged', 'Group.CallbackAfterGroupAttrChanged', 'Group.CallbackAfterGroupFull',
  'Group.CallbackAfterGroupDestroyed', 'Group.CallbackAfterCreateTopic', 'Group.CallbackAfterTopicInfoChanged', 'Group.CallbackAfterTopicDestroyed'
] as const satisfies KnownCommand[]

const messageCommands = [
  'Group.CallbackAfterSendMsg', 'Group.CallbackAfterModifyMsg', 'Group.CallbackAfterRecallMsg', 'Group.CallbackAfterReadReceipt',
  'C2C.CallbackAfterSendMsg', 'C2C.CallbackAfterModifyMsg', 'C2C.CallbackAfterMsgWithDraw', 'C2C.CallbackAfterMsgReadReceipt',
  'OfficialAccount.CallbackAfterSendMsg', 'OfficialAccount.CallbackAfterMsgWithDraw', 'Bot.OnC2CMessage', 'Bot.OnGroupMessage'
] as const satisfies KnownCommand[]

/** Any command with any of the fields; those that it does not know must do no harm. */
const happening = fc.record({
  id: fc.nat(9_999).map(number => `evt_${number}`),
  command: few(...groupCommands, ...messageCommands),
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
    From_Account: account,
    To_Account: account,
    Official_Account: few('@TOA#_1'),
    Operator_Account: maybe(account),
    Random: maybe(few(0, 7, 4_294_967_295)),
    MsgSeq: messageSeq,
    MsgKey: messageKey,
    MsgId: maybe(few('', '1-2-3')),
    // Often the same: it decides which of several beginnings counts.
    MsgTime: maybe(few<number | string>(0, 1, 2, '2', 3)),
    OnlineOnlyFlag: few(0, 1),
    SendMsgResult: few<number | undefined>(0, 20_006, undefined),
    MsgBody: maybe(few<unknown>([], [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'a \0' } }], 'odd')),
    CloudCustomData: maybe(few('', 'data')),
    MsgSeqList: maybe(fc.array(fc.record({ MsgSeq: messageSeq }), { maxLength: 2 })),
    WithdrawMsgList: fc.array(fc.record({ MsgKey: messageKey }), { maxLength: 2 }),
    GroupMsgReceiptList: maybe(fc.uniqueArray(fc.record({ MsgSeq: few(1, 2), ReadNum: fc.nat(9), UnreadNum: maybe(fc.nat(9)) }), { maxLength: 2, selector: ({ MsgSeq }) => MsgSeq })),
    C2CMsgInfo: fc.array(fc.record({ From_Account: account, To_Account: account, MsgKey: messageKey }), { maxLength: 2 }),
    // Often left out: the time of receipt decides then.
    EventTime: few<number | string | undefined>(undefined, undefined, undefined, 0, 500, 1_000, 1_500, '1500', 20_000, 253_000_000_000_000)
  })
})
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never
type MessageCommand = typeof messageCommands[number]

const isOfMessages = (command: Happening['command']): command is MessageCommand => messageCommands.some(known => known === command)

const born = maybe(few(0, 1, 2, 30))
const custom = maybe(fc.array(fc.record({ Key: few('k', 'l'), Value: few<unknown>('v', '', 1) }), { maxLength: 2 }))

/** What was there at some time, as an import tells it. */
const imported = fc.record({
  at: few(500, 1_000, 1_500, 20_000, 250_000_000_000_000),
  state: fc.record({
    GroupId: few('g', 'G'),
    Type: maybe(few('Public', 'Community')),
    Name: maybe(few('', 'one', 'two')),
    Owner_Account: maybe(few('', 'ann', 'bob')),
    CreateTime: born,
    Introduction: maybe(few('', 'hello')),
    ApplyJoinOption: maybe(few('FreeAccess')),
    MuteAllMember: maybe(few('On', 'Off')),
    AppDefinedData: custom,
    GroupAttrAry: maybe(fc.array(fc.record({ key: few('k', 'l', '__proto__'), value: few<unknown>('x', 'w') }), { maxLength: 2 })),
    MemberList: maybe(fc.uniqueArray(fc.record({ Member_Account: account, Role: maybe(few('Owner', 'Member')), JoinTime: born, NameCard: maybe(few('', 'A')), AppMemberDefinedData: custom }), { maxLength: 3, selector: ({ Member_Account: account }) => account })),
    TopicList: maybe(fc.uniqueArray(fc.record({ TopicId: topicId, TopicName: maybe(few('', 'one')), FaceUrl: maybe(few('https://c')), CreateTime: born }), { maxLength: 2, selector: ({ TopicId }) => TopicId }))
  })
})
type Import = typeof imported extends fc.Arbitrary<infer T> ? T : never

export const groupOf = ({ at, state }: Import): GroupAtTime => {
  const text = JSON.stringify(state)
  return { appId: 1400000000, at, state: JSON.parse(text), text }
}

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

/** Imports, and when they arrive: before, among or after the events, in their order or in the opposite one. */
export const imports = fc.record({ groups: fc.array(imported, { maxLength: 4 }), one: few('before', 'among', 'after'), other: few('before', 'among', 'after') })

/**
 * The model: a group system that lives through what happened, in the order in which it happened. Of what it never saw begin, it
 * knows only what it was told. An event counts as received when the receipt that was stored says so: of repeats that arrive at
 * once, any one may be it.
 */
export function contentsAfter (happenings: Happening[], receipts: Partial<Record<string, number>>, groups: Import[] = []): Contents {
  const history = happenings.map(happening => ({ ...happening, receivedAt: receipts[happening.id] ?? NaN }))
  // 0 is no time
  const happenedAt = ({ body: { EventTime }, receivedAt }: Happening) => Number(EventTime) || receivedAt
  const timeOf = (event: Happening) => event.command.endsWith('.CallbackAfterSendMsg') && Number(event.body.MsgTime) ? Number(event.body.MsgTime) * 1_000 : happenedAt(event)
  const contents = noContents()
  const moments = [...history.map(event => ({ time: timeOf(event), id: event.id, live: () => { liveEvent(contents, event, timeOf(event)) } })), ...groups.flatMap(group => momentsOf(contents, group))]
  for (const { live } of moments.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))) live()
  for (const row of Object.values(contents).flatMap(rows => Object.values(rows))) {
    for (const [name, value] of Object.entries(row)) if (value === undefined) delete row[name]
  }
  return contents
}

function liveEvent (contents: Contents, event: Happening, time: number): void {
  const { command } = event
  if (isOfMessages(command)) liveMessages(contents, { ...event, command }, time)
  else live(contents, { ...event, command }, time)
}

/** An import is two things for each row: its birth, long ago, and what it is like now. */
function momentsOf (contents: Contents, group: Import): { time: number, id: string, live: () => void }[] {
  const { at, state } = group
  const id = `-import-${createHash('sha256').update(groupOf(group).text).digest('hex').slice(0, 16)}`
  const rowAt = (table: keyof Contents, key: string, birth: string, seconds: number | undefined, tell: (row: Record<string, unknown>) => void) => {
    const bornAt = (seconds ?? 0) * 1_000
    const told = { time: Math.max(at, bornAt), id, live: () => { tell(contents[table][key] ??= { incomplete: true }) } }
    const begin = () => {
      const { custom, attributes } = contents[table][key] ?? {}
      contents[table][key] = { incomplete: false, [birth]: bornAt, ...table === 'chat_group' ? { attributes } : table === 'chat_group_member' ? { custom } : {} }
    }
    return bornAt === 0 ? [told] : [{ time: bornAt, id, live: begin }, told]
  }
  const told = (row: Record<string, unknown>, fields: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) row[name] = value === null ? undefined : value
  }
  const objectOf = (list: { Key: string, Value: unknown }[] | undefined) => list && Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]))
  const { GroupId, MemberList = [], TopicList = [], GroupAttrAry: attributes, CreateTime } = state
  return [
    ...rowAt('chat_group', GroupId, 'created_at', CreateTime, row => { told(row, { type: state.Type, name: state.Name, owner_account: state.Owner_Account === '' ? null : state.Owner_Account, introduction: state.Introduction, apply_join_option: state.ApplyJoinOption, shut_up_all_member: state.MuteAllMember, custom: objectOf(state.AppDefinedData), destroyed_at: null }) }),
    ...rowAt('chat_group', GroupId, 'created_at', undefined, row => { if (attributes !== undefined) row.attributes = Object.fromEntries(attributes.map(({ key, value }) => [key, value])) }),
    ...MemberList.flatMap(({ Member_Account: account, Role, JoinTime, NameCard, AppMemberDefinedData }) => rowAt('chat_group_member', `${GroupId} ${account}`, 'joined_at', JoinTime, row => {
      told(row, { role: Role, name_card: NameCard, left_at: null, exit_type: null })
      if (AppMemberDefinedData !== undefined) row.custom = { ...Object(row.custom), ...objectOf(AppMemberDefinedData) }
    })),
    ...TopicList.flatMap(({ TopicId, TopicName, FaceUrl, CreateTime }) => rowAt('chat_topic', TopicId, 'created_at', CreateTime, row => { told(row, { group_id: GroupId, name: TopicName, face_url: FaceUrl, destroyed_at: null }) }))
  ]
}

function live (contents: Contents, { command, body }: Happening & { command: typeof groupCommands[number] }, time: number): void {
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

function liveMessages ({ chat_message: messages }: Contents, { command, body }: Happening & { command: MessageCommand }, time: number): void {
  const { From_Account: from, To_Account: to, Official_Account: official, MsgKey, MsgBody } = body
  const tell = (key: string, told: Record<string, unknown>) => {
    const row = (messages[key] ??= { incomplete: true })
    for (const [name, value] of Object.entries(told)) if (value !== undefined) row[name] = value
  }
  const begin = (key: string, told: Record<string, unknown>) => {
    messages[key] = { incomplete: false }
    tell(key, told)
  }
  const text = (value: number | string | undefined) => value === undefined ? undefined : String(Number(value))
  const group = (seq: number | string) => ({
    key: `${body.TopicId ?? body.GroupId} ${Number(seq)}`,
    told: { group_id: body.GroupId, topic_id: body.TopicId, msg_seq: text(seq) },
    isKept: Number(seq) > 0
  })
  const pair = (from: string, to: string, key: string) => {
    const [seq, random] = key.split('_')
    return { key: `${[from, to].sort().join('\n')} ${key}`, told: { from_account: from, to_account: to, msg_seq: seq, msg_random: random } }
  }
  const content = { msg_body: Array.isArray(MsgBody) ? JSON.parse(JSON.stringify(MsgBody).replaceAll('\\u0000', '\uFFFD')) : undefined, cloud_custom_data: body.CloudCustomData }
  const sent = { ...content, msg_id: body.MsgId, sent_at: time, online_only_flag: text(body.OnlineOnlyFlag) }
  const modified = { ...content, modified_at: time, modified_by: body.Operator_Account }
  const recalled = { recalled_at: time, recalled_by: body.Operator_Account }

  switch (command) {
    case 'Group.CallbackAfterSendMsg': {
      const { key, told, isKept } = group(body.MsgSeq)
      if (isKept) begin(key, { ...told, ...sent, from_account: from, msg_random: text(body.Random) })
      break
    }
    case 'Group.CallbackAfterModifyMsg': {
      const { key, told, isKept } = group(body.MsgSeq)
      if (isKept) tell(key, { ...told, ...modified })
      break
    }
    case 'Group.CallbackAfterRecallMsg':
      for (const { key, told, isKept } of (body.MsgSeqList ?? []).map(({ MsgSeq }) => group(MsgSeq))) if (isKept) tell(key, { ...told, ...recalled })
      break
    case 'Group.CallbackAfterReadReceipt':
      for (const { MsgSeq, ReadNum, UnreadNum } of body.GroupMsgReceiptList ?? []) {
        const { key, told } = group(MsgSeq)
        tell(key, { ...told, read_at: time, read_num: text(ReadNum), unread_num: text(UnreadNum) })
      }
      break
    case 'C2C.CallbackAfterSendMsg': {
      const { key, told } = pair(from, to, MsgKey)
      begin(key, { ...told, ...sent, send_msg_result: text(body.SendMsgResult) })
      break
    }
    case 'C2C.CallbackAfterModifyMsg': {
      const { key, told } = pair(from, to, MsgKey)
      tell(key, { ...told, ...modified })
      break
    }
    case 'C2C.CallbackAfterMsgWithDraw': {
      const { key, told } = pair(from, to, MsgKey)
      tell(key, { ...told, ...recalled })
      break
    }
    case 'C2C.CallbackAfterMsgReadReceipt':
      for (const info of body.C2CMsgInfo) {
        const { key, told } = pair(info.From_Account, info.To_Account, info.MsgKey)
        tell(key, { ...told, read_at: time })
      }
      break
    case 'OfficialAccount.CallbackAfterSendMsg':
      begin(`${official} ${MsgKey}`, { ...sent, from_account: official })
      break
    case 'OfficialAccount.CallbackAfterMsgWithDraw':
      for (const { MsgKey: key } of body.WithdrawMsgList) tell(`${official} ${key}`, { from_account: official, ...recalled })
      break
    case 'Bot.OnC2CMessage': case 'Bot.OnGroupMessage': // they repeat the ordinary ones
  }
}

const accountsIn = (list: { Member_Account: string }[] | undefined): string[] => (list ?? []).map(({ Member_Account: account }) => account)

/** Custom fields of a member outlive his leaving and coming back. */
const customOf = ({ chat_group_member: rows }: Contents, key: string): Record<string, unknown> => ({ custom: rows[key]?.custom })

export const eventsOf = (batch: Happening[]) => batch.map(happening => anEvent(happening))
