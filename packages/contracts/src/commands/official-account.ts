import { command } from '../command-entry.ts'
import { CloudCustomData, MsgBody, MsgKey, MsgTime, OnlineOnlyFlag, account, common, list, object, optional, read, text } from '../fields.ts'

const official = { Official_Account: read(account('the official account: @TOA#_...')) }
const ownerAndName = { Owner_Account: account('its owner'), Name: text('its name') }
const subscribers = (description: string) => list(object({ Subscriber_Account: account() }), description)

export const officialAccountCommands = {
  'OfficialAccount.CallbackBeforeCreateOfficialAccount': command({
    title: 'Before an official account is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60795',
    remark: 'There is no `Official_Account` yet.',
    orderingKey: ['Operator_Account'],
    body: object({ ...common, Operator_Account: read(account('who asks for it')), ...ownerAndName })
  }),
  'OfficialAccount.CallbackAfterCreateOfficialAccount': command({
    title: 'After an official account is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60796',
    orderingKey: ['Official_Account'],
    body: object({ ...common, ...official, Operator_Account: account('who created it'), ...ownerAndName })
  }),
  'OfficialAccount.CallbackAfterOfficialAccountInfoChanged': command({
    title: 'After an official account profile changed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60797',
    remark: 'Only what has changed is there.',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      ...official,
      Operator_Account: account('who changed it'),
      Introduction: optional(text('where it changed')),
      Name: optional(text('where it changed')),
      FaceUrl: optional(text('where it changed')),
      Organization: optional(text('where it changed'))
    })
  }),
  'OfficialAccount.CallbackAfterOfficialAccountDestroyed': command({
    title: 'After an official account is deleted',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60798',
    remark: 'Does not tell who did it.',
    orderingKey: ['Official_Account'],
    body: object({ ...common, ...official, ...ownerAndName })
  }),
  'OfficialAccount.CallbackBeforeAddSubscriber': command({
    title: 'Before users subscribe to an official account',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60799',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      ...official,
      Operator_Account: account('who asks for it'),
      SubscribeAccountList: subscribers('who is to subscribe')
    })
  }),
  'OfficialAccount.CallbackAfterAddSubscriber': command({
    title: 'After users subscribed to an official account',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60800',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      ...official,
      Operator_Account: account('who asked for it'),
      SubscribeAccountList: subscribers('who subscribed')
    })
  }),
  'OfficialAccount.CallbackAfterOfficialAccountFull': command({
    title: 'After an official account reached its subscriber limit',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60801',
    orderingKey: ['Official_Account'],
    body: object({ ...common, ...official })
  }),
  'OfficialAccount.CallbackAfterDeleteSubscriber': command({
    title: 'After users unsubscribed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60802',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      ...official,
      Operator_Account: account('who asked for it'),
      SubscribeAccountList: subscribers('who unsubscribed')
    })
  }),
  'OfficialAccount.CallbackBeforeSendMsg': command({
    title: 'Before an official account broadcasts',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60803',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      ...official,
      OnlineOnlyFlag,
      MsgBody,
      CloudCustomData: optional(CloudCustomData)
    })
  }),
  'OfficialAccount.CallbackAfterSendMsg': command({
    title: 'After an official account broadcast',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60804',
    orderingKey: ['Official_Account'],
    body: object({
      ...common,
      ...official,
      MsgKey,
      MsgTime,
      OnlineOnlyFlag,
      MsgBody,
      CloudCustomData: optional(CloudCustomData)
    })
  }),
  'OfficialAccount.CallbackAfterMsgWithDraw': command({
    title: 'After official account messages are recalled',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60805',
    orderingKey: ['Official_Account'],
    body: object({ ...common, ...official, WithdrawMsgList: list(object({ MsgKey }), 'the messages') })
  })
}
