import { Type, type Static } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { ValueErrorType, type ValueError } from '@sinclair/typebox/errors'

const id = (description: string) => Type.String({ minLength: 1, description })
const text = Type.Optional(Type.String())
const seconds = Type.Optional(Type.Integer({ minimum: 0, maximum: 999_999_999_999, description: 'in s since 1970' }))
const custom = Type.Optional(Type.Array(Type.Object({ Key: id('the name of the field'), Value: Type.Optional(Type.Unknown()) })))
const profile = { Introduction: text, Notification: text, FaceUrl: text, CreateTime: seconds }

const Member = Type.Object({
  Member_Account: id('the member'),
  Role: text,
  JoinTime: seconds,
  NameCard: text,
  AppMemberDefinedData: custom
})

const Topic = Type.Object({ TopicId: id('the topic'), TopicName: text, ...profile })

/**
 * A group at some time, as the answers of Tencent's REST API have it: an entry of `GroupInfo` of `get_group_info`, with the members of
 * `get_group_member_info`, the attributes of `get_group_attr` and the topics of `get_topic`. What else these have is passed over; what is left out is not told.
 * https://www.tencentcloud.com/document/product/1047/34961
 */
export const GroupState = Type.Object({
  /** In ms since 1970: when it was so, where that is not the same for all. */
  At: Type.Optional(Type.Integer({ minimum: 1, maximum: 999_999_999_999_999, description: 'in ms since 1970' })),
  GroupId: id('the group'),
  Type: text,
  /** One SDK calls it so. */
  GroupType: text,
  Name: text,
  Owner_Account: text,
  ...profile,
  ApplyJoinOption: text,
  MuteAllMember: text,
  /** Of older editions: the same. */
  ShutUpAllMember: text,
  AppDefinedData: custom,
  MemberList: Type.Optional(Type.Array(Member)),
  GroupAttrAry: Type.Optional(Type.Array(Type.Object({ key: id('the name of the attribute'), value: Type.Optional(Type.Unknown()) }))),
  TopicList: Type.Optional(Type.Array(Topic)),
  /** Of an entry that the API could not answer. */
  ErrorCode: Type.Optional(Type.Integer())
})
export type GroupState = Static<typeof GroupState>

const compiled = TypeCompiler.Compile(GroupState)

/** Of one line no more are told. */
const mostProblems = 5

/** A line, read; or what is wrong with it. Names fields, and repeats no value. */
export function readGroupState (line: string): { state: GroupState } | { problems: string[] } {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { problems: ['is no JSON; each group is one object on a line of its own'] }
  }
  if (!compiled.Check(value)) return { problems: [...firstOf(compiled.Errors(value), mostProblems)] }
  if (value.ErrorCode !== undefined && value.ErrorCode !== 0) return { problems: [`is no group: the REST API answered ErrorCode ${value.ErrorCode} for it; leave the line out`] }
  return { state: value }
}

function * firstOf (errors: Iterable<ValueError>, most: number): Generator<string> {
  let told = 0
  let last: string | undefined
  for (const error of errors) {
    if (error.path === last) continue // a missing field is no text either
    last = error.path
    yield misfit(error)
    if (++told === most) return
  }
}

function misfit ({ path, type, schema }: ValueError): string {
  const field = path.split('/').slice(1).map(step => /^\d+$/.test(step) ? `[${step}]` : `.${step}`).join('').replace(/^\./, '')
  const what = typeof schema.description === 'string' ? `: ${schema.description}` : ''
  switch (type) {
    case ValueErrorType.Object: return field === '' ? 'is no object; each group is one object on a line of its own' : `${field} must be an object`
    case ValueErrorType.ObjectRequiredProperty: return `${field} is missing${what}`
    case ValueErrorType.String: return `${field} must be text${what}`
    case ValueErrorType.StringMinLength: return `${field} is empty${what}`
    case ValueErrorType.Array: return `${field} must be a list`
    default: return `${field} must be a whole number${schema.minimum === undefined ? '' : ` from ${schema.minimum} to ${schema.maximum}`}${what}`
  }
}
