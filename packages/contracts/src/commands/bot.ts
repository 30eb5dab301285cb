import { command } from '../command-entry.ts'
import { ClientMsgSeq, CloudCustomData, GroupId, GroupType, MsgBody, MsgKey, MsgRandom, MsgTime, OnlineOnlyFlag, account, common, integer, list, loose, object, oneToOneMessage, optional, read, text } from '../fields.ts'

export const botCommands = {
  'Bot.OnC2CMessage': command({
    title: 'After a one-to-one message to a chatbot',
    documentation: 'https://www.tencentcloud.com/document/product/1047/68952',
    remark: 'Comes beside `C2C.CallbackAfterSendMsg`, where both are switched on; not where `C2C.CallbackBeforeSendMsg` was denied.',
    orderingKey: ['From_Account+To_Account'],
    body: object({
      ...common,
      From_Account: read(account('the sender')),
      To_Account: read(account('the chatbot: @RBT#001')),
      ...oneToOneMessage,
      SendMsgResult: integer('0 where it was delivered, else why it was not'),
      ErrorInfo: text('the same in words'),
      UnreadMsgNum: optional(integer('messages that To_Account has not read')),
      MsgBody,
      CloudCustomData: optional(CloudCustomData),
      SupportMessageExtension: optional(integer('undocumented')),
      SyncOtherMachine: optional(integer('undocumented'))
    })
  }),
  'Bot.OnGroupMessage': command({
    title: 'After a group message that mentions a chatbot',
    documentation: 'https://www.tencentcloud.com/document/product/1047/68953',
    remark: 'Does not come for messages that mention all.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      From_Account: account('the sender'),
      Operator_Account: account('who asked for it: an administrator, where the server sends for somebody'),
      Random: MsgRandom,
      MsgSeq: integer('number of the message: unique and rising in its group or topic'),
      MsgTime,
      OnlineOnlyFlag,
      MsgBody,
      AtRobots_Account: list(account(), 'the chatbots that are mentioned; one SDK calls it AtRobotAccount'),
      CloudCustomData: optional(CloudCustomData),
      TopicId: optional(text('the topic; only for messages in topics'))
    })
  }),
  'Chatbot.OnC2CSignalMessage': command({
    title: 'After a one-to-one signal to a chatbot',
    remark: 'No page documents it: it is known from one SDK only, so all its fields are optional here.',
    orderingKey: ['From_Account+To_Account'],
    body: loose({
      ...common,
      From_Account: account('the sender'),
      To_Account: account('the chatbot'),
      MsgSeq: ClientMsgSeq,
      MsgRandom,
      MsgKey,
      Data: text('the signal')
    })
  })
}
