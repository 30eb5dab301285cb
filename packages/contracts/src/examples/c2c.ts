export const c2cExamples = {
  'C2C.CallbackBeforeSendMsg': {
    CallbackCommand: 'C2C.CallbackBeforeSendMsg',
    From_Account: 'jared',
    To_Account: 'John',
    MsgSeq: 48374,
    MsgRandom: 2837546,
    MsgTime: 1557481126,
    MsgKey: '48374_2837546_1557481126',
    OnlineOnlyFlag: 1,
    MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'red packet' } }],
    CloudCustomData: 'your cloud custom data'
  },
  'C2C.CallbackAfterSendMsg': {
    CallbackCommand: 'C2C.CallbackAfterSendMsg',
    From_Account: 'jared',
    To_Account: 'John',
    MsgSeq: 48374,
    MsgRandom: 2837546,
    MsgTime: 1557481126,
    MsgKey: '48374_2837546_1557481126',
    OnlineOnlyFlag: 1,
    SendMsgResult: 0,
    ErrorInfo: 'send msg succeed',
    UnreadMsgNum: 7,
    MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'red packet' } }],
    CloudCustomData: 'your cloud custom data'
  },
  'C2C.CallbackAfterMsgReport': {
    CallbackCommand: 'C2C.CallbackAfterMsgReport',
    Report_Account: 'jared',
    Peer_Account: 'John',
    LastReadTime: 1614754606,
    UnreadMsgNum: 7
  },
  'C2C.CallbackAfterMsgWithDraw': {
    CallbackCommand: 'C2C.CallbackAfterMsgWithDraw',
    From_Account: 'jared',
    To_Account: 'John',
    MsgKey: '48374_2837546_1557481126',
    UnreadMsgNum: 7
  },
  'C2C.CallbackAfterMsgReadReceipt': {
    CallbackCommand: 'C2C.CallbackAfterMsgReadReceipt',
    Operator_Account: 'jared',
    Peer_Account: 'John',
    C2CMsgInfo: [
      {
        From_Account: 'John',
        To_Account: 'jared',
        MsgKey: '33973751_24064952_1769139583',
        MsgId: '144115433090395387-1769139578-24064952'
      }
    ],
    EventTime: 1769139587754
  },
  'C2C.CallbackAfterModifyMsg': {
    CloudCustomData: '1769772027',
    MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: '2026-01-30T11:20:26.548Z' } }],
    CallbackCommand: 'C2C.CallbackAfterModifyMsg',
    Operator_Account: 'jared',
    From_Account: 'jared',
    To_Account: 'John',
    MsgRandom: 690,
    MsgSeq: 609,
    MsgTime: 1769771529,
    MsgKey: '609_690_1769771529',
    EventTime: 1769772027036
  },
  'C2C.CallbackAfterMsgReadAll': {
    CallbackCommand: 'C2C.CallbackAfterMsgReadAll',
    Report_Account: 'John',
    EventTime: 1769773302575,
    GroupReadInfo: [{ GroupId: 'groupid', MsgSeq: 100 }]
  },
  'C2C.CallbackAfterC2CMsgExtension': {
    CallbackCommand: 'C2C.CallbackAfterC2CMsgExtension',
    From_Account: 'user1',
    To_Account: 'user2',
    MsgKey: '93847636_1287657_1764688415',
    OperateType: 1,
    ExtensionList: [
      { Key: 'k1', Value: 'v1', Seq: 1 },
      { Key: 'k2', Value: 'v2', Seq: 1 },
      { Key: 'k3', Value: 'v3', Seq: 1 }
    ],
    Seq: 1,
    EventTime: 1764688540182
  }
}
