import { command } from '../command-entry.ts'
import { ClientMsgSeq, CloudCustomData, ExtensionList, MsgBody, MsgId, MsgKey, MsgRandom, MsgTime, OperateType, account, common, integer, list, object, oneToOneMessage, optional, read, text } from '../fields.ts'

const pair = { From_Account: read(account('the sender')), To_Account: read(account('the receiver')) }
const UnreadMsgNum = integer('messages that To_Account has not read; -1 where it failed')

export const c2cCommands = {
  'C2C.CallbackBeforeSendMsg': command({
    title: 'Before a one-to-one message is sent',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34364',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      ...pair,
      ...oneToOneMessage,
      MsgBody,
      CloudCustomData: optional(CloudCustomData),
      FriendShip: optional(integer('undocumented, but seen in 2018'))
    })
  }),
  'C2C.CallbackAfterSendMsg': command({
    title: 'After a one-to-one message is sent',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34365',
    remark: 'Comes also where the message could not be delivered, see `SendMsgResult`; not where `C2C.CallbackBeforeSendMsg` was denied.',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      ...pair,
      ...oneToOneMessage,
      SendMsgResult: integer('0 where it was delivered, else why it was not'),
      ErrorInfo: text('the same in words'),
      UnreadMsgNum: optional(UnreadMsgNum),
      MsgBody,
      CloudCustomData: optional(CloudCustomData)
    })
  }),
  'C2C.CallbackAfterMsgReport': command({
    title: 'After one-to-one messages are marked read',
    documentation: 'https://www.tencentcloud.com/document/product/1047/43465',
    orderingKey: ['Report_Account+Peer_Account'],
    body: object({
      ...common,
      Report_Account: read(account('who has read them')),
      Peer_Account: read(account('the other one')),
      LastReadTime: integer('up to when messages are read, in s since 1970'),
      UnreadMsgNum: optional(integer('messages that Report_Account has not read'))
    })
  }),
  'C2C.CallbackAfterMsgWithDraw': command({
    title: 'After a one-to-one message is recalled',
    documentation: 'https://www.tencentcloud.com/document/product/1047/43466',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      ...pair,
      MsgKey,
      UnreadMsgNum: optional(UnreadMsgNum),
      MsgId: optional(MsgId)
    })
  }),
  'C2C.CallbackAfterMsgReadReceipt': command({
    title: 'After a single-message read receipt',
    documentation: 'https://cloud.tencent.com/document/product/269/128223',
    orderingKey: ['Operator_Account+Peer_Account'],
    body: object({
      ...common,
      Operator_Account: read(account('who sent the receipt')),
      Peer_Account: read(account('the other one')),
      C2CMsgInfo: list(object({ From_Account: account('the sender'), To_Account: account('the receiver'), MsgKey, MsgId }), 'the messages')
    })
  }),
  'C2C.CallbackAfterModifyMsg': command({
    title: 'After a one-to-one message is edited',
    documentation: 'https://cloud.tencent.com/document/product/269/128224',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      CloudCustomData: optional(CloudCustomData),
      MsgBody,
      Operator_Account: account('who edited it'),
      ...pair,
      MsgRandom,
      MsgSeq: ClientMsgSeq,
      MsgTime,
      MsgKey
    })
  }),
  'C2C.CallbackAfterMsgReadAll': command({
    title: 'After all unread messages are cleared (one-to-one and group)',
    documentation: 'https://cloud.tencent.com/document/product/269/128225',
    remark: 'Comes for clients only.',
    orderingKey: ['Report_Account'],
    body: object({
      ...common,
      Report_Account: read(account('who has read them')),
      GroupReadInfo: optional(list(object({
        GroupId: optional(text('the group')),
        MsgSeq: optional(integer('the last message of the group that is read'))
      }), 'the groups'))
    })
  }),
  'C2C.CallbackAfterC2CMsgExtension': command({
    title: 'After a one-to-one message extension is set',
    documentation: 'https://www.tencentcloud.com/document/product/1047/76006',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      ...pair,
      MsgKey,
      OperateType,
      ExtensionList,
      Seq: integer('version of all extensions of the message')
    })
  })
}
