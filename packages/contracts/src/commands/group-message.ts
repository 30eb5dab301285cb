import { command } from '../command-entry.ts'
import { ExtensionList, GroupId, MsgBody, account, common, integer, list, object, optional, text } from '../fields.ts'

export const groupMessageCommands = {
  'Group.CallbackBeforeSendMsg': command({
    title: 'Before a group message is sent',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34374',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      From_Account: account('the sender; @TLS#NOT_FOUND for a message of the server without one'),
      Operator_Account: account('who asked for it: an administrator, where the server sends for somebody'),
      Random: integer('an unsigned 32-bit number'),
      OnlineOnlyFlag: integer('1 online-only, 0 default; always 0 for AVChatRoom'),
      MsgBody,
      CloudCustomData: optional(text('only when the sender set it')),
      TopicId: optional(text('only for topic messages of a Community')),
      MsgPriority: optional(text('undocumented, but seen: High, Normal, Low or Lowest'))
    })
  }),
  'Group.CallbackAfterSendMsg': command({
    title: 'After a group message is sent',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34375',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      From_Account: account(),
      Operator_Account: account(),
      Random: integer('an unsigned 32-bit number'),
      MsgSeq: integer('unique in the group or topic, and its order'),
      MsgId: optional(text('id that the client gave: <tinyid>-<seconds>-<random>')),
      MsgTime: integer('s since 1970'),
      OnlineOnlyFlag: integer(),
      MsgBody,
      CloudCustomData: optional(text()),
      TopicId: optional(text('only for topic messages')),
      GroupAtInfo: optional(list(object({
        GroupAtAllFlag: optional(integer('1 for all, 0 for a member')),
        GroupAt_Account: optional(account('where it is a member'))
      }), 'who is mentioned, at most 30 members')),
      MsgPriority: optional(text('undocumented, but seen: High, Normal, Low or Lowest'))
    })
  }),
  'Group.CallbackAfterRecallMsg': command({
    title: 'After group messages are recalled',
    documentation: 'https://www.tencentcloud.com/document/product/1047/46979',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      Operator_Account: account('who recalled them'),
      Type: text('group type; an open set'),
      GroupId,
      MsgSeqList: list(object({ MsgSeq: integer(), MsgId: optional(text('id that the client gave')) })),
      TopicId: optional(text('only for topic messages'))
    })
  }),
  'Group.CallbackSendMsgException': command({
    title: 'Exception when a group message is sent',
    documentation: 'https://www.tencentcloud.com/document/product/1047/49462',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      From_Account: account('the sender; @TLS#NOT_FOUND for a message of the server without one'),
      Operator_Account: account('who asked for it: an administrator, where the server sends for somebody'),
      Random: integer('an unsigned 32-bit number'),
      OnlineOnlyFlag: integer('1 online-only, 0 default; always 0 for AVChatRoom'),
      MsgBody,
      CloudCustomData: optional(text()),
      ErrorCode: integer('group error code, e.g. 10023'),
      ErrorInfo: text()
    })
  }),
  'Group.CallbackAfterReadReceipt': command({
    title: 'After group read receipts',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60395',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; never Community'),
      GroupMsgReceiptList: list(object({
        MsgSeq: integer(),
        ReadNum: integer(),
        UnreadNum: integer(),
        ReadReceiptMembers: optional(list(object({ Member_Account: optional(account()) })))
      }))
    })
  }),
  'Group.CallbackAfterGroupMsgExtension': command({
    title: 'After a group message extension is set',
    documentation: 'https://www.tencentcloud.com/document/product/1047/76007',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      MsgSeq: integer(),
      OperateType: integer('1 set, 2 delete, 3 clear'),
      ExtensionList,
      Seq: integer('version of the message')
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
      TopicId: text('empty where it is no topic'),
      MsgSeq: integer()
    })
  })
}
