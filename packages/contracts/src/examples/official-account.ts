export const officialAccountExamples = {
  'OfficialAccount.CallbackBeforeCreateOfficialAccount': {
    CallbackCommand: 'OfficialAccount.CallbackBeforeCreateOfficialAccount',
    Operator_Account: 'leckie',
    Owner_Account: 'leckie',
    Name: 'MyFirstOfficialAccount',
    EventTime: 1670574414123
  },
  'OfficialAccount.CallbackAfterCreateOfficialAccount': {
    CallbackCommand: 'OfficialAccount.CallbackAfterCreateOfficialAccount',
    Official_Account: '@TOA#_test_OA_for_penn',
    Operator_Account: 'leckie',
    Owner_Account: 'leckie',
    Name: 'MyFirstOfficialAccount',
    EventTime: 1670574414123
  },
  'OfficialAccount.CallbackAfterOfficialAccountInfoChanged': {
    CallbackCommand: 'OfficialAccount.CallbackAfterOfficialAccountInfoChanged',
    Official_Account: '@TOA#_test_OA_for_penn',
    Operator_Account: 'leckie',
    Introduction: 'new introduction',
    EventTime: 1670574414123
  },
  'OfficialAccount.CallbackAfterOfficialAccountDestroyed': {
    CallbackCommand: 'OfficialAccount.CallbackAfterOfficialAccountDestroyed',
    Official_Account: '@TOA#_test_OA_for_penn',
    Owner_Account: 'leckie',
    Name: 'MyFirstOfficialAccount',
    EventTime: 1670574414123
  },
  'OfficialAccount.CallbackBeforeAddSubscriber': {
    CallbackCommand: 'OfficialAccount.CallbackBeforeAddSubscriber',
    Official_Account: '@TOA#_test_OA_for_penn',
    Operator_Account: 'leckie',
    SubscribeAccountList: [{ Subscriber_Account: 'jared' }, { Subscriber_Account: 'tommy' }],
    EventTime: 1670574414123
  },
  'OfficialAccount.CallbackAfterAddSubscriber': {
    CallbackCommand: 'OfficialAccount.CallbackAfterAddSubscriber',
    Official_Account: '@TOA#_test_OA_for_penn',
    Operator_Account: 'leckie',
    SubscribeAccountList: [{ Subscriber_Account: 'jared' }, { Subscriber_Account: 'tommy' }],
    EventTime: 1670574414123
  },
  'OfficialAccount.CallbackAfterOfficialAccountFull': {
    CallbackCommand: 'OfficialAccount.CallbackAfterOfficialAccountFull',
    Official_Account: '@TOA#_test_OA_for_penn',
    EventTime: 1670574414123
  },
  'OfficialAccount.CallbackAfterDeleteSubscriber': {
    CallbackCommand: 'OfficialAccount.CallbackAfterDeleteSubscriber',
    Official_Account: '@TOA#_test_OA_for_penn',
    Operator_Account: 'leckie',
    SubscribeAccountList: [{ Subscriber_Account: 'jared' }, { Subscriber_Account: 'tommy' }],
    EventTime: 1670574414123
  },
  'OfficialAccount.CallbackBeforeSendMsg': {
    CallbackCommand: 'OfficialAccount.CallbackBeforeSendMsg',
    Official_Account: '@TOA#_test_OA_for_penn',
    OnlineOnlyFlag: 1,
    MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'red packet' } }],
    CloudCustomData: 'your cloud custom data',
    EventTime: 1670574414123
  },
  'OfficialAccount.CallbackAfterSendMsg': {
    CallbackCommand: 'OfficialAccount.CallbackAfterSendMsg',
    Official_Account: '@TOA#_test_OA_for_penn',
    MsgKey: '71_1_1698741698',
    MsgTime: 1490686222,
    OnlineOnlyFlag: 1,
    MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'red packet' } }],
    CloudCustomData: 'your cloud custom data',
    EventTime: 1670574414123
  },
  'OfficialAccount.CallbackAfterMsgWithDraw': {
    CallbackCommand: 'OfficialAccount.CallbackAfterMsgWithDraw',
    Official_Account: '@TOA#_test_OA_for_penn',
    WithdrawMsgList: [{ MsgKey: '71_1_1698741698' }],
    EventTime: 1670574414123
  }
}
