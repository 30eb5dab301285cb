import { command } from '../command-entry.ts'
import { GroupId, MsgBody, account, common, integer, list, loose, object, optional, read, text } from '../fields.ts'

export const botCommands = {
  'Bot.OnC2CMessage': command({
    title: 'One-to-one message to a chatbot',
    documentation: 'https://www.tencentcloud.com/document/product/1047/68952',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      From_Account: read(account()),
      To_Account: read(account('the robot: @RBT#001')),
      MsgSeq: integer('an unsigned 32-bit number'),
      MsgRandom: integer('an unsigned 32-bit number'),
      MsgTime: integer('s since 1970'),
      MsgKey: text(),
      MsgId: optional(text('id that the client gave')),
      OnlineOnlyFlag: integer(),
      SendMsgResult: integer(),
      ErrorInfo: text(),
      UnreadMsgNum: optional(integer()),
      MsgBody,
      CloudCustomData: optional(text()),
      SupportMessageExtension: optional(integer('undocumented')),
      SyncOtherMachine: optional(integer('undocumented'))
    })
  }),
  'Bot.OnGroupMessage': command({
    title: 'Group message that @-mentions a chatbot',
    documentation: 'https://www.tencentcloud.com/document/product/1047/68953',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      From_Account: account(),
      Operator_Account: account(),
      Random: integer('an unsigned 32-bit number'),
      MsgSeq: integer(),
      MsgTime: integer('s since 1970'),
      OnlineOnlyFlag: integer(),
      MsgBody,
      AtRobots_Account: list(account(), 'the robots that are mentioned'),
      CloudCustomData: optional(text()),
      TopicId: optional(text('only for topic messages'))
    })
  }),
  'Chatbot.OnC2CSignalMessage': command({
    title: 'One-to-one signalling message to a chatbot (no doc page found)',
    orderingKey: ['From_Account+To_Account'],
    body: loose({
      ...common,
      From_Account: account(),
      To_Account: account(),
      MsgSeq: integer(),
      MsgRandom: integer(),
      MsgKey: text(),
      Data: text()
    })
  })
}
