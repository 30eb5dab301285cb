import { command } from '../command-entry.ts'
import { CloudCustomData, ExtensionList, GroupId, GroupType, MsgBody, MsgId, MsgRandom, MsgTime, OnlineOnlyFlag, OperateType, account, common, integer, list, object, optional, text } from '../fields.ts'

const sender = {
  From_Account: account('the sender; @TLS#NOT_FOUND for a message of the server without one'),
  Operator_Account: account('who asked for it: an administrator, where the server sends for somebody')
}
const TopicId = text('the topic; only for messages in topics')
const MsgPriority = text('undocumented, but seen: High, Normal, Low or Lowest')
const MsgSeq = integer('number of the message: unique and rising in its group or topic')

export const groupMessageCommands = {
  'Group.CallbackBeforeSendMsg': command({
    title: 'Before a group message is sent',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34374',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      ...sender,
      Random: MsgRandom,
      OnlineOnlyFlag,
      MsgBody,
      CloudCustomData: optional(CloudCustomData),
      TopicId: optional(TopicId),
      MsgPriority: optional(MsgPriority)
    })
  }),
  'Group.CallbackAfterSendMsg': command({
    title: 'After a group message is sent',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34375',
    remark: 'Has the message as it was sent: where the answer to `Group.CallbackBeforeSendMsg` replaced it, the replacement.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      ...sender,
      Random: MsgRandom,
      MsgSeq,
      MsgId: optional(MsgId),
      MsgTime,
      OnlineOnlyFlag,
      MsgBody,
      CloudCustomData: optional(CloudCustomData),
      TopicId: optional(TopicId),
      GroupAtInfo: optional(list(object({
        GroupAtAllFlag: optional(integer('1 for all, 0 for a member')),
        GroupAt_Account: optional(account('where it is a member'))
      }), 'who is mentioned, at most 30 members')),
      MsgPriority: optional(MsgPriority)
    })
  }),
  'Group.CallbackAfterRecallMsg': command({
    title: 'After group messages are recalled',
    documentation: 'https://www.tencentcloud.com/document/product/1047/46979',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      Operator_Account: account('who recalled them'),
      Type: GroupType,
      GroupId,
      MsgSeqList: list(object({ MsgSeq, MsgId: optional(MsgId) }), 'the messages'),
      TopicId: optional(TopicId)
    })
  }),
  'Group.CallbackSendMsgException': command({
    title: 'After a group message could not be sent',
    documentation: 'https://www.tencentcloud.com/document/product/1047/49462',
    remark: 'The group may be one that does not exist.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      ...sender,
      Random: MsgRandom,
      OnlineOnlyFlag,
      MsgBody,
      CloudCustomData: optional(CloudCustomData),
      ErrorCode: integer('why, such as 10023'),
      ErrorInfo: text('why, in words')
    })
  }),
  'Group.CallbackAfterReadReceipt': command({
    title: 'After group read receipts',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60395',
    remark: 'Does not come for communities.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      GroupMsgReceiptList: list(object({
        MsgSeq,
        ReadNum: integer('members who have read it'),
        UnreadNum: integer('members who have not'),
        ReadReceiptMembers: optional(list(object({ Member_Account: optional(account()) }), 'who has read it now'))
      }), 'the messages')
    })
  }),
  'Group.CallbackAfterGroupMsgExtension': command({
    title: 'After a group message extension is set',
    documentation: 'https://www.tencentcloud.com/document/product/1047/76007',
    remark: 'Does not tell who did it.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      MsgSeq,
      OperateType,
      ExtensionList,
      Seq: integer('version of all extensions of the message')
    })
  }),
  'Group.CallbackAfterModifyMsg': command({
    title: 'After a group message is edited',
    documentation: 'https://cloud.tencent.com/document/product/269/129193',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      MsgBody,
      Operator_Account: account('who edited it'),
      GroupId,
      TopicId: text('the topic; empty where the message is in none'),
      MsgSeq
    })
  })
}
