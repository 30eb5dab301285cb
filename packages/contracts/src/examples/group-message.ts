export const groupMessageExamples = {
  'Group.CallbackBeforeSendMsg': {
    CallbackCommand: 'Group.CallbackBeforeSendMsg',
    GroupId: '@TGS#_@TGS#cQVLVHIM62CJ',
    Type: 'Community',
    From_Account: 'jared',
    Operator_Account: 'admin',
    Random: 123456,
    OnlineOnlyFlag: 1,
    MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'red packet' } }],
    CloudCustomData: 'your cloud custom data',
    TopicId: '@TGS#_@TGS#cQVLVHIM62CJ@TOPIC#_TestTopic',
    EventTime: '1670574414123'
  },
  'Group.CallbackAfterSendMsg': {
    CallbackCommand: 'Group.CallbackAfterSendMsg',
    GroupId: '@TGS#2J4SZEAEL',
    Type: 'Public',
    From_Account: 'jared',
    Operator_Account: 'admin',
    Random: 123456,
    MsgSeq: 123,
    MsgId: '144115233406643804-1727580296-4026038328',
    MsgTime: 1490686222,
    OnlineOnlyFlag: 1,
    MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'red packet' } }],
    CloudCustomData: 'your cloud custom data',
    EventTime: 1670574414123,
    GroupAtInfo: [
      { GroupAtAllFlag: 1 },
      { GroupAtAllFlag: 0, GroupAt_Account: 'brennan' },
      { GroupAtAllFlag: 0, GroupAt_Account: 'tandy' }
    ]
  },
  'Group.CallbackAfterRecallMsg': {
    CallbackCommand: 'Group.CallbackAfterRecallMsg',
    Operator_Account: 'admin',
    Type: 'Community',
    GroupId: '@TGS#_@TGS#cQVLVHIM62CJ',
    MsgSeqList: [{ MsgSeq: 130, MsgId: '144115213033478435-1739361321-2512805311' }],
    TopicId: '@TGS#_@TGS#cQVLVHIM62CJ@TOPIC#_TestTopic',
    EventTime: '1670574414123'
  },
  'Group.CallbackSendMsgException': {
    CallbackCommand: 'Group.CallbackSendMsgException',
    GroupId: '@TGS#2J4SZEAEL',
    Type: 'Public',
    From_Account: 'jared',
    Operator_Account: 'admin',
    Random: 123456,
    OnlineOnlyFlag: 1,
    MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'red packet' } }],
    CloudCustomData: 'your cloud custom data',
    ErrorCode: 10023,
    ErrorInfo: 'msg count exceeds limit,please retry later',
    EventTime: '1670574414123'
  },
  'Group.CallbackAfterReadReceipt': {
    CallbackCommand: 'Group.CallbackAfterReadReceipt',
    GroupId: '@TGS#2TTV7VSII',
    Type: 'Public',
    GroupMsgReceiptList: [
      { MsgSeq: 1, ReadNum: 1, UnreadNum: 6, ReadReceiptMembers: [{ Member_Account: 'user0' }] },
      { MsgSeq: 2, ReadNum: 1, UnreadNum: 6, ReadReceiptMembers: [{ Member_Account: 'user0' }] }
    ],
    EventTime: '1670574414123'
  },
  'Group.CallbackAfterGroupMsgExtension': {
    CallbackCommand: 'Group.CallbackAfterGroupMsgExtension',
    GroupId: 'test',
    MsgSeq: 10,
    OperateType: 1,
    ExtensionList: [{ Key: 'key2', Value: 'value2', Seq: 56 }, { Key: 'key3', Value: '12122', Seq: 56 }],
    Seq: 56,
    EventTime: 1764688294360
  },
  'Group.CallbackAfterModifyMsg': {
    MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: '2026-03-06T02:09:35.302Z' } }],
    CallbackCommand: 'Group.CallbackAfterModifyMsg',
    Operator_Account: 'oper-user',
    GroupId: 'group-test-2',
    TopicId: '',
    MsgSeq: 53,
    EventTime: 1772762975589
  }
}
