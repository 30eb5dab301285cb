import { digits, listOf, nonEmpty, propertyOf, secondsIn, text, type Reading } from './reading.ts'
import type { FieldOf, Row, Value } from './tables.ts'

type Known = { [name in FieldOf<'chat_message'>]?: Value | undefined }

/** Which message: its conversation, its key there, and the columns that say the same. */
interface Identity {
  ids: [conversation: string, messageKey: string]
  named: Known
}

/**
 * By command, what it tells of messages. A message begins when it was sent (MsgTime), not when the callback came or says that it happened: a repeat
 * that nobody can tell from a new event must not undo a recall. Commands of chatbots repeat the ordinary ones, and tell nothing.
 */
export const messageReaders = new Map<string, (reading: Reading) => Row[]>([
  ['Group.CallbackAfterSendMsg', reading => sent(reading, ofGroup(reading.fields.get('MsgSeq'), reading), { msg_random: digits(reading.fields.get('Random')) })],
  ['C2C.CallbackAfterSendMsg', reading => sent(reading, ofPair(reading.fields), { send_msg_result: digits(reading.fields.get('SendMsgResult')) })],
  ['OfficialAccount.CallbackAfterSendMsg', reading => sent(reading, ofOfficial(reading.fields.get('MsgKey'), reading), {})],

  ['Group.CallbackAfterModifyMsg', reading => modified(reading, ofGroup(reading.fields.get('MsgSeq'), reading))],
  ['C2C.CallbackAfterModifyMsg', reading => modified(reading, ofPair(reading.fields))],

  ['Group.CallbackAfterRecallMsg', reading => listOf(reading.fields.get('MsgSeqList')).flatMap(item => recalled(reading, ofGroup(propertyOf(item, 'MsgSeq'), reading)))],
  ['C2C.CallbackAfterMsgWithDraw', reading => recalled(reading, ofPair(reading.fields))],
  ['OfficialAccount.CallbackAfterMsgWithDraw', reading => listOf(reading.fields.get('WithdrawMsgList')).flatMap(item => recalled(reading, ofOfficial(propertyOf(item, 'MsgKey'), reading)))],

  ['Group.CallbackAfterReadReceipt', reading => listOf(reading.fields.get('GroupMsgReceiptList')).flatMap(item =>
    told(reading, ofGroup(propertyOf(item, 'MsgSeq'), reading), { read_at: reading.time, read_num: digits(propertyOf(item, 'ReadNum')), unread_num: digits(propertyOf(item, 'UnreadNum')) }))],
  ['C2C.CallbackAfterMsgReadReceipt', reading => listOf(reading.fields.get('C2CMsgInfo')).flatMap(item =>
    told(reading, ofPair(new Map(Object.entries(typeof item === 'object' && item !== null ? item : {}))), { read_at: reading.time }))]
])

function sent (reading: Reading, identity: Identity | undefined, further: Known): Row[] {
  const { fields, row } = reading
  if (identity === undefined) return []
  const since = secondsIn(fields.get('MsgTime'))
  return [row('chat_message', identity.ids, {
    from_account: nonEmpty(fields.get('From_Account')),
    ...identity.named,
    ...further,
    msg_id: text(fields.get('MsgId')),
    sent_at: since ?? reading.time,
    online_only_flag: digits(fields.get('OnlineOnlyFlag')),
    ...content(reading)
  }, { begins: true, since })]
}

const modified = (reading: Reading, identity: Identity | undefined): Row[] =>
  told(reading, identity, { ...content(reading), modified_at: reading.time, modified_by: nonEmpty(reading.fields.get('Operator_Account')) })

const recalled = (reading: Reading, identity: Identity | undefined): Row[] =>
  told(reading, identity, { recalled_at: reading.time, recalled_by: nonEmpty(reading.fields.get('Operator_Account')) })

/** Each repeats who and where, so that a row says it whose sending nobody told. */
const told = ({ row }: Reading, identity: Identity | undefined, known: Known): Row[] =>
  identity === undefined ? [] : [row('chat_message', identity.ids, { ...identity.named, ...known })]

const content = ({ fields, jsonOf }: Reading): Known => ({
  msg_body: Array.isArray(fields.get('MsgBody')) ? jsonOf(fields.get('MsgBody'), ['MsgBody']) : undefined,
  cloud_custom_data: text(fields.get('CloudCustomData'))
})

/** Messages of a group, and of a topic, are numbered. Those that nobody keeps have the number 0, all of them. */
function ofGroup (number: unknown, { groupId, fields }: Reading): Identity | undefined {
  const topicId = nonEmpty(fields.get('TopicId'))
  const seq = digits(number)
  if (groupId === undefined || seq === undefined || seq === '0') return undefined
  return { ids: [topicId ?? groupId, seq], named: { group_id: groupId, topic_id: topicId, msg_seq: seq } }
}

/** Sequence and random number of a message between two are its client's; with its time they are its key. */
function ofPair (fields: ReadonlyMap<string, unknown>): Identity | undefined {
  const [from, to, key] = ['From_Account', 'To_Account', 'MsgKey'].map(name => nonEmpty(fields.get(name)))
  if (from === undefined || to === undefined || key === undefined) return undefined
  const [, seq, random] = /^(\d{1,10})_(\d{1,10})_\d{1,12}$/.exec(key) ?? []
  return { ids: [conversationOf(from, to), key], named: { from_account: from, to_account: to, msg_seq: seq, msg_random: random } }
}

function ofOfficial (key: unknown, { fields }: Reading): Identity | undefined {
  const [account, messageKey] = [nonEmpty(fields.get('Official_Account')), nonEmpty(key)]
  return account === undefined || messageKey === undefined ? undefined : { ids: [account, messageKey], named: { from_account: account } }
}

/** The same for both directions. No id holds a line feed. */
const conversationOf = (one: string, other: string): string => (one < other ? [one, other] : [other, one]).join('\n')
