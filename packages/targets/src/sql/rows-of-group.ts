import { createHash } from 'node:crypto'
import type { GroupState } from '../import/group-state.ts'
import type { GroupAtTime } from '../target.ts'
import { jsonTextsOf, type Path } from './json-text.ts'
import { nonEmpty, text } from './reading.ts'
import { storableText } from './storable.ts'
import type { FieldOf, MapOf, MapState, Register, Row, Value } from './tables.ts'
import { versionAt } from './version.ts'

/** The column that says when something began. */
const births = { chat_group: 'created_at', chat_topic: 'created_at', chat_group_member: 'joined_at' } as const

/**
 * What an imported group tells of itself, its members and its topics. All of it is told as of its time, so later callbacks count for more
 * and earlier ones for less; a row begins when it was created, so what callbacks told since then stays where the import is silent.
 */
export function rowsOfGroup ({ appId, at, state, text: line }: GroupAtTime): Row[] {
  const { Owner_Account: owner, MemberList = [], TopicList = [], GroupAttrAry: attributes } = state
  const groupId = storableText(state.GroupId)
  const jsonOf = jsonTextsOf(line)
  // Less than the id of any event, so that a callback of the same moment counts for more; and of different lines about one moment the same counts wherever they meet.
  const id = `-import-${createHash('sha256').update(line).digest('hex').slice(0, 16)}`
  /** What was created while the list was fetched was not there before. */
  const versionOf = (born: number | undefined) => versionAt(Math.max(at, born ?? 0), id)

  const row = <T extends keyof typeof births>(table: T, ids: string[], born: number | undefined, fields: { [name in FieldOf<T>]?: Value | undefined }, maps: { [name in MapOf<T>]?: MapState | undefined } = {}): Row => {
    const begun = born === undefined ? '' : versionAt(born, id)
    const told = Object.entries<Value | undefined>(fields).flatMap(([name, value]): [string, Register][] => value === undefined ? [] : [[name, { value, version: versionOf(born) }]])
    return {
      table,
      key: [String(appId), ...ids],
      begun,
      fields: new Map<string, Register>([...told, ...born === undefined ? [] : [[births[table], { value: born, version: begun }] as const]]),
      maps: new Map(Object.entries<MapState | undefined>(maps).flatMap(([name, state]) => state === undefined ? [] : [[name, state]]))
    }
  }
  const membersOf = (list: readonly Named[], version: string): ReadonlyMap<string, Register> =>
    new Map(list.map(({ name, value = null, path }) => [storableText(name), { value: jsonOf(value, path), version }]))

  const custom = keyed(state.AppDefinedData, ['AppDefinedData'])
  const group = row('chat_group', [groupId], msOf(state.CreateTime), {
    type: text(state.Type ?? state.GroupType),
    name: text(state.Name),
    owner_account: owner === undefined ? undefined : nonEmpty(owner) ?? null,
    ...profile(state),
    shut_up_all_member: text(state.MuteAllMember ?? state.ShutUpAllMember),
    apply_join_option: text(state.ApplyJoinOption),
    custom: custom && objectOf(membersOf(custom, '')),
    destroyed_at: null
  }, {
    attributes: attributes && { emptied: versionOf(undefined), members: membersOf(attributes.map(({ key, value }, nth) => ({ name: key, value, path: ['GroupAttrAry', nth, 'value'] })), versionOf(undefined)) }
  })

  const members = MemberList.map(({ Member_Account: account, Role, JoinTime, NameCard, AppMemberDefinedData }, nth) => {
    const custom = keyed(AppMemberDefinedData, ['MemberList', nth, 'AppMemberDefinedData'])
    const joined = msOf(JoinTime)
    return row('chat_group_member', [groupId, storableText(account)], joined, { role: text(Role), name_card: text(NameCard), left_at: null, exit_type: null },
      { custom: custom && { emptied: '', members: membersOf(custom, versionOf(joined)) } })
  })

  const topics = TopicList.map(topic =>
    row('chat_topic', [storableText(topic.TopicId)], msOf(topic.CreateTime), { group_id: groupId, name: text(topic.TopicName), ...profile(topic), destroyed_at: null }))

  return [group, ...members, ...topics]
}

interface Named {
  name: string
  value?: unknown
  /** Of the value, in the line. */
  path: Path
}

const keyed = (list: GroupState['AppDefinedData'], path: Path): Named[] | undefined =>
  list?.map(({ Key, Value }, nth) => ({ name: Key, value: Value, path: [...path, nth, 'Value'] }))

/** Of s since 1970; 0 is none. */
const msOf = (seconds: number | undefined): number | undefined => seconds === undefined || seconds === 0 ? undefined : seconds * 1_000

const profile = ({ Introduction, Notification, FaceUrl }: { Introduction?: string | undefined, Notification?: string | undefined, FaceUrl?: string | undefined }) =>
  ({ introduction: text(Introduction), notification: text(Notification), face_url: text(FaceUrl) })

const objectOf = (members: ReadonlyMap<string, Register>): string => `{${[...members].map(([name, { value }]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
