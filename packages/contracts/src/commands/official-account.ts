import { command } from '../command-entry.ts'
import { MsgBody, account, common, integer, list, object, optional, read, text } from '../fields.ts'

export const officialAccountCommands = {
  'OfficialAccount.CallbackBeforeCreateOfficialAccount': command({
    title: 'Before an official account is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60795',
    orderingKey: ['Operator_Account'],
    body: object({ ...common, Operator_Account: read(account()), Owner_Account: account(), Name: text() })
  }),
  'OfficialAccount.CallbackAfterCreateOfficialAccount': command({
    title: 'After an official account is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60796',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      Official_Account: read(account('@TOA#_...')),
      Operator_Account: account(),
      Owner_Account: account(),
      Name: text()
    })
  }),
  'OfficialAccount.CallbackAfterOfficialAccountInfoChanged': command({
    title: 'After an official account profile changed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60797',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      Official_Account: read(account('@TOA#_...')),
      Operator_Account: account(),
      Introduction: optional(text('where it changed')),
      Name: optional(text('where it changed')),
      FaceUrl: optional(text('where it changed')),
      Organization: optional(text('where it changed'))
    })
  }),
  'OfficialAccount.CallbackAfterOfficialAccountDestroyed': command({
    title: 'After an official account is deleted',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60798',
    orderingKey: ['Official_Account'],
    body: object({ ...common, Official_Account: read(account('@TOA#_...')), Owner_Account: account(), Name: text() })
  }),
  'OfficialAccount.CallbackBeforeAddSubscriber': command({
    title: 'Before users subscribe to an official account',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60799',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      Official_Account: read(account('@TOA#_...')),
      Operator_Account: account(),
      SubscribeAccountList: list(object({ Subscriber_Account: account() }))
    })
  }),
  'OfficialAccount.CallbackAfterAddSubscriber': command({
    title: 'After users subscribed to an official account',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60800',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      Official_Account: read(account('@TOA#_...')),
      Operator_Account: account(),
      SubscribeAccountList: list(object({ Subscriber_Account: account() }))
    })
  }),
  'OfficialAccount.CallbackAfterOfficialAccountFull': command({
    title: 'After an official account reached its subscriber limit',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60801',
    orderingKey: ['Official_Account'],
    body: object({ ...common, Official_Account: read(account('@TOA#_...')) })
  }),
  'OfficialAccount.CallbackAfterDeleteSubscriber': command({
    title: 'After users unsubscribed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60802',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      Official_Account: read(account('@TOA#_...')),
      Operator_Account: account(),
      SubscribeAccountList: list(object({ Subscriber_Account: account() }))
    })
  }),
  'OfficialAccount.CallbackBeforeSendMsg': command({
    title: 'Before an official account broadcasts',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60803',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      Official_Account: read(account('@TOA#_...')),
      OnlineOnlyFlag: integer(),
      MsgBody,
      CloudCustomData: optional(text())
    })
  }),
  'OfficialAccount.CallbackAfterSendMsg': command({
    title: 'After an official account broadcast',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60804',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      Official_Account: read(account('@TOA#_...')),
      MsgKey: text(),
      MsgTime: integer('s since 1970'),
      OnlineOnlyFlag: integer(),
      MsgBody,
      CloudCustomData: optional(text())
    })
  }),
  'OfficialAccount.CallbackAfterMsgWithDraw': command({
    title: 'After official account messages are recalled',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60805',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      Official_Account: read(account('@TOA#_...')),
      WithdrawMsgList: list(object({ MsgKey: text() }))
    })
  })
}
