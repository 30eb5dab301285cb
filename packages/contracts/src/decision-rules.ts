import { Type, type TObject, type TProperties } from '@sinclair/typebox'
import { MsgBody } from './fields.ts'

/** What may be answered to a before-command. Source: its documentation page, see `catalogue`. */
export interface DecisionRule {
  answer: TObject
  /** The list of the accounts that are decided on one by one; then the overall code counts for nothing. */
  perAccount?: 'FriendItem' | 'ResponseFriendItem'
}

type Range = readonly [lowest: number, highest: number]

/** Codes of one's own that Tencent hands on to the client. */
const groupCodes: Range = [10_100, 10_200]
const accountCodes: Range = [120_001, 130_000]
const giftCodes: Range = [102_100, 102_200]
const friendCodes: Range = [38_000, 39_000]

const envelope = {
  ActionStatus: Type.Optional(Type.Union([Type.Literal('OK'), Type.Literal('FAIL')], { description: 'OK or FAIL' })),
  ErrorInfo: Type.Optional(Type.String())
}

function rule (codes: readonly number[], [lowest, highest]: Range, fields: TProperties = {}): DecisionRule {
  const description = `${codes.join(', ')} or a code of your own from ${lowest} to ${highest}`
  const ErrorCode = Type.Union([...codes.map(code => Type.Literal(code)), Type.Integer({ minimum: lowest, maximum: highest })], { description })
  return { answer: Type.Object({ ...envelope, ErrorCode, ...fields }) }
}

/** Instead of the message that was sent, where it is allowed. */
const replacement = {
  MsgBody: Type.Optional(Type.Array(MsgBody.items, { minItems: 1 })),
  CloudCustomData: Type.Optional(Type.String())
}

function friendRule (perAccount: NonNullable<DecisionRule['perAccount']>): DecisionRule {
  const [lowest, highest] = friendCodes
  const ResultCode = Type.Union([Type.Literal(0), Type.Integer({ minimum: lowest, maximum: highest })], { description: `0 or a code from ${lowest} to ${highest}` })
  const ResultItem = Type.Array(Type.Object({ To_Account: Type.String(), ResultCode, ResultInfo: Type.Optional(Type.String()) }))
  return { answer: Type.Object({ ...envelope, ErrorCode: Type.Optional(Type.Integer()), ResultItem }), perAccount }
}

const [allow, deny, drop] = [0, 1, 2]
/** The code of a friend request that the fallback denies. */
export const friendDenied = friendCodes[0]

export const decisionRules: ReadonlyMap<string, DecisionRule> = new Map([
  ['Group.CallbackBeforeCreateGroup', rule([allow, deny], groupCodes)],
  ['Group.CallbackBeforeCreateTopic', rule([allow, deny], groupCodes)],
  ['Group.CallbackBeforeApplyJoinGroup', rule([allow, deny], groupCodes)],
  ['Group.CallbackBeforeInviteJoinGroup', rule([allow, deny], groupCodes, { RefusedMembers_Account: Type.Optional(Type.Array(Type.String())) })],
  ['Group.CallbackBeforeSendMsg', rule([allow, deny, drop], groupCodes, replacement)],
  ['C2C.CallbackBeforeSendMsg', rule([allow, deny, drop], accountCodes, replacement)],
  ['OfficialAccount.CallbackBeforeCreateOfficialAccount', rule([allow, deny], accountCodes)],
  ['OfficialAccount.CallbackBeforeAddSubscriber', rule([allow, deny], accountCodes, { RefusedSubscribers_Account: Type.Optional(Type.Array(Type.String())) })],
  ['OfficialAccount.CallbackBeforeSendMsg', rule([allow, deny, drop], accountCodes, replacement)],
  ['Sns.CallbackPrevFriendAdd', friendRule('FriendItem')],
  ['Sns.CallbackPrevFriendResponse', friendRule('ResponseFriendItem')],
  ['Live.CallbackBeforeSendGift', rule([allow, deny], giftCodes)]
])

/** Of a before-command that is not documented, or documented to have no answer. */
export const unknownRule: DecisionRule = { answer: Type.Object({ ...envelope, ErrorCode: Type.Integer() }) }
