export const callExamples = {
  'Call.CallbackAfterStartCall': {
    CallbackCommand: 'Call.CallbackAfterStartCall',
    CallInfo: {
      CallId: '055662e1-bc8a-469c-a334-1126c8c17d58',
      CallMediaType: 'Audio',
      ChatGroupId: '',
      RoomId: '',
      RoomIdType: 1
    },
    UserList: [
      { User_Account: '144115212830834855', Status: 'Calling' },
      { User_Account: '144115212948889925', Status: 'Waiting' }
    ],
    EventTime: 1740464128807
  },
  'Call.CallbackAfterEndCall': {
    CallbackCommand: 'Call.CallbackAfterEndCall',
    CallRecord: {
      CallId: '055662e1-bc8a-469c-a334-1126c8c17d58',
      Caller_Account: '10001',
      MediaType: 'Audio',
      CallType: 'SingleCall',
      StartTime: 1741231146,
      EndTime: 1741231296,
      AcceptTime: 0,
      CallResult: 'NotAnswer',
      CalleeList_Account: ['10001', 'user2'],
      RoomId: 'roomid-1434',
      RoomIdType: 2
    },
    EventTime: 1703589922780
  },
  'Call.CallbackAfterMemberChanged': {
    CallbackCommand: 'Call.CallbackAfterMemberChanged',
    CallId: '055662e1-bc8a-469c-a334-1126c8c17d58',
    UserList: [{ User_Account: 'user1', Status: 'Calling' }, { User_Account: 'user2', Status: 'Calling' }],
    ChangedUserList: [{ User_Account: 'user2', ActionType: 'Answer' }],
    EventTime: 1740464128807
  },
  'Call.CallbackAfterRecordChanged': {
    CallId: 'f6273604-3806-4abb-bc7e-090cd9208ee6',
    Callback: {
      EventGroupId: 3,
      EventType: 301,
      CallbackTs: 1774425607091,
      EventInfo: {
        RoomId: '1280586498',
        EventTs: 1774425607,
        UserId: 'callkit_1500099430_record_1280586498',
        TaskId: '-nHuqHlU7islZCDCjMne7HY2TJoU1NbbDkHjVoK-yqHu8ZWQndibQJtEhvB6ShqolkmNmnxz7AE.',
        Payload: { Status: 0 },
        EventMsTs: 1774425607077
      },
      KitType: 2
    },
    CallbackCommand: 'Call.CallbackAfterRecordChanged',
    EventTime: 1774425607149
  }
}
