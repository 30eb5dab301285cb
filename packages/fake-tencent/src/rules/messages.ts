import { messageElements } from '../message-elements.ts'
import { customDataFrom, nameFrom, uuidFrom } from '../words.ts'
import type { Scene } from '../scene.ts'
import { chosen, oneOf, varied, type Rule, type Rules } from './rule.ts'

const key: Rule = ({ message: { seq, random, time } }) => `${seq}_${random}_${time}`

const flag = oneOf(0, 1)

const operations = ['set', 'delete', 'clear'] as const
const operation = (scene: Scene) => scene.chosen('OperateType', ...operations)

const extensions: Rule = (scene, shown) => {
  if (scene.setting.plain) return shown
  if (operation(scene) === 'clear') return []
  return Array.from({ length: scene.random.between(1, 20) }, (_, at) => ({
    Key: `k${at}`,
    Value: operation(scene) === 'delete' ? '' : customDataFrom(scene.random),
    Seq: scene.random.between(1, 1_000)
  }))
}

/** Everybody, and members by name. */
const mentions: Rule = varied(scene => [
  ...scene.random.chance(0.3) ? [{ GroupAtAllFlag: 1 }] : [],
  ...scene.people.slice(0, scene.lengthOf('GroupAtInfo', 1)).map(account => ({ GroupAtAllFlag: 0, GroupAt_Account: account }))
])

export const messageRules: Rules = {
  MsgBody: varied(({ random }) => messageElements(random)),
  CloudCustomData: varied(({ random }) => customDataFrom(random)),
  MsgSeq: ({ message }) => message.seq,
  Random: ({ message }) => message.random,
  MsgRandom: ({ message }) => message.random,
  MsgTime: ({ message }) => message.time,
  MsgId: ({ message }) => message.id,
  MsgKey: key,
  MsgID: key,
  OnlineOnlyFlag: flag,
  MsgPriority: oneOf('Normal', 'High', 'Low', 'Lowest'),
  FriendShip: flag,
  SupportMessageExtension: flag,
  SyncOtherMachine: oneOf(1, 2),
  LastReadTime: ({ seconds, random }) => seconds - random.between(0, 60),
  UnreadMsgNum: varied(({ random }) => random.pick([0, 1, 7, 99, 5_000])),
  GroupAtInfo: mentions,
  OperateType: scene => operations.indexOf(operation(scene)) + 1,
  ExtensionList: extensions,
  Seq: varied(({ random }) => random.between(1, 1_000)),
  Data: varied(({ random }) => customDataFrom(random)),

  // Of a message in no topic the edition says so with empty text.
  'Group.CallbackAfterModifyMsg TopicId': scene => scene.topic?.id ?? '',
  'C2C.CallbackAfterMsgReadAll GroupId': ({ setting, random }) => random.pick(setting.world.groups.some(20)).id,
  'C2C.CallbackAfterMsgReadAll MsgSeq': ({ random }) => random.between(1, 100_000),

  SendMsgResult: scene => Number(scene.chosen('SendMsgResult', '0', '20006', '80001')),
  'C2C.CallbackAfterSendMsg ErrorInfo': scene => scene.chosen('SendMsgResult', '0', '20006', '80001') === '0' ? 'send msg succeed' : 'message is denied by the app',
  'Bot.OnC2CMessage ErrorInfo': scene => scene.chosen('SendMsgResult', '0', '20006', '80001') === '0' ? 'send msg succeed' : 'message is denied by the app',
  'C2C.CallbackAfterSendMsg UnreadMsgNum': varied(scene => scene.chosen('SendMsgResult', '0', '20006', '80001') === '0' ? scene.random.between(0, 99) : -1),
  ErrorCode: varied(({ random }) => random.pick([10_023, 10_010, 10_017, 80_001])),
  'Group.CallbackSendMsgException ErrorInfo': varied(({ random }) => random.pick(['msg count exceeds limit,please retry later', 'this group does not exist', 'shutup, not allowed'])),

  ReadNum: varied(({ random }) => random.between(1, 500)),
  UnreadNum: varied(({ random }) => random.between(0, 500)),

  // Content moderation: what is told of a message or of a profile.
  'ContentCallback.ResultNotify Scene': scene => scene.chosen('Scene', 'C2C', 'C2CCustom', 'Group', 'GroupCustom', 'GroupInfo', 'GroupMemberInfo', 'RelationChain', 'UserInfo'),
  ContactItem: scene => scene.chosen('Scene', 'C2C', 'C2CCustom', 'Group', 'GroupCustom', 'GroupInfo', 'GroupMemberInfo', 'RelationChain', 'UserInfo').startsWith('Group')
    ? { ContactType: 2, ToGroupId: scene.group.id }
    : { ContactType: 1, To_Account: scene.person },
  SdkAppId: ({ setting }) => setting.appId,
  ContentType: chosen('ContentType', 'Text', 'Image', 'Audio', 'Video'),
  TextContent: varied(scene => scene.chosen('ContentType', 'Text', 'Image', 'Audio', 'Video') === 'Text' ? [nameFrom(scene.random), customDataFrom(scene.random)] : undefined),
  FileURL: scene => scene.chosen('ContentType', 'Text', 'Image', 'Audio', 'Video') === 'Text' ? undefined : `https://cos.example.com/${scene.message.id}`,
  CtxcbResult: scene => scene.chosen('CtxcbSuggestion', 'Review', 'Block', 'Normal') === 'Normal' ? 0 : 1,
  CtxcbSuggestion: chosen('CtxcbSuggestion', 'Review', 'Block', 'Normal'),
  CtxcbKeywords: varied(({ random }) => [nameFrom(random), nameFrom(random)]),
  CtxcbRequestId: ({ random }) => uuidFrom(random),
  CtxcbLabel: oneOf('Sexy', 'Polity', 'Illegal', 'Abuse', 'Ads', 'Normal'),
  CtxcbSubLabel: oneOf('InsinuationPorn', 'ACGPorn', 'QRCode'),
  CtxcbSubLabelDesc: oneOf('影射XX', '广告', ''),
  CtxcbLibName: oneOf('test', '自定义库')
}
