import { command } from '../command-entry.ts'
import { ExtensionList, MsgBody, account, common, integer, list, object, optional, read, text } from '../fields.ts'

export const c2cCommands = {
  'C2C.CallbackBeforeSendMsg': command({
    title: 'Before a one-to-one message is sent',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34364',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      From_Account: read(account()),
      To_Account: read(account()),
      MsgSeq: integer('an unsigned 32-bit number'),
      MsgRandom: integer('an unsigned 32-bit number'),
      MsgTime: integer('s since 1970'),
      MsgKey: text('MsgSeq_MsgRandom_MsgTime'),
      MsgId: optional(text('id that the client gave')),
      OnlineOnlyFlag: integer('0 or 1'),
      MsgBody,
      CloudCustomData: optional(text()),
      FriendShip: optional(integer('undocumented, but seen in 2018'))
    })
  }),
  'C2C.CallbackAfterSendMsg': command({
    title: 'After a one-to-one message is sent',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34365',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      From_Account: read(account()),
      To_Account: read(account()),
      MsgSeq: integer('an unsigned 32-bit number'),
      MsgRandom: integer('an unsigned 32-bit number'),
      MsgTime: integer('s since 1970'),
      MsgKey: text('MsgSeq_MsgRandom_MsgTime'),
      MsgId: optional(text('id that the client gave')),
      OnlineOnlyFlag: integer('0 or 1'),
      SendMsgResult: integer('0 ok, else error code'),
      ErrorInfo: text(),
      UnreadMsgNum: optional(integer('unread messages of To_Account; -1 where it failed')),
      MsgBody,
      CloudCustomData: optional(text())
    })
  }),
  'C2C.CallbackAfterMsgReport': command({
    title: 'After one-to-one messages are marked read',
    documentation: 'https://www.tencentcloud.com/document/product/1047/43465',
    orderingKey: ['Report_Account+Peer_Account'],
    body: object({
      ...common,
      Report_Account: read(account()),
      Peer_Account: read(account()),
      LastReadTime: integer('s since 1970'),
      UnreadMsgNum: optional(integer())
    })
  }),
  'C2C.CallbackAfterMsgWithDraw': command({
    title: 'After a one-to-one message is recalled',
    documentation: 'https://www.tencentcloud.com/document/product/1047/43466',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      From_Account: read(account()),
      To_Account: read(account()),
      MsgKey: text(),
      UnreadMsgNum: optional(integer()),
      MsgId: optional(text('id that the client gave'))
    })
  }),
  'C2C.CallbackAfterMsgReadReceipt': command({
    title: 'After a single-message read receipt',
    documentation: 'https://cloud.tencent.com/document/product/269/128223',
    orderingKey: ['Operator_Account+Peer_Account'],
    body: object({
      ...common,
      Operator_Account: read(account('who sent the receipt')),
      Peer_Account: read(account()),
      C2CMsgInfo: list(object({ From_Account: account(), To_Account: account(), MsgKey: text(), MsgId: text() }))
    })
  }),
  'C2C.CallbackAfterModifyMsg': command({
    title: 'After a one-to-one message is edited',
    documentation: 'https://cloud.tencent.com/document/product/269/128224',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      CloudCustomData: optional(text()),
      MsgBody,
      Operator_Account: account('who edited it'),
      From_Account: read(account()),
      To_Account: read(account()),
      MsgRandom: integer(),
      MsgSeq: integer(),
      MsgTime: integer(),
      MsgKey: text()
    })
  }),
  'C2C.CallbackAfterMsgReadAll': command({
    title: 'After all unread messages are cleared (one-to-one and group)',
    documentation: 'https://cloud.tencent.com/document/product/269/128225',
    orderingKey: ['Report_Account'],
    body: object({
      ...common,
      Report_Account: read(account()),
      GroupReadInfo: optional(list(object({ GroupId: optional(text()), MsgSeq: optional(integer()) })))
    })
  }),
  'C2C.CallbackAfterC2CMsgExtension': command({
    title: 'After a one-to-one message extension is set',
    documentation: 'https://www.tencentcloud.com/document/product/1047/76006',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      From_Account: read(account()),
      To_Account: read(account()),
      MsgKey: text(),
      OperateType: integer('1 set, 2 delete, 3 clear'),
      ExtensionList,
      Seq: integer()
    })
  })
}
