export const liveExamples = {
  'Live.CallbackAfterCreateRoom': {
    CallbackCommand: 'Live.CallbackAfterCreateRoom',
    Operator_Account: 'admin',
    RoomInfo: {
      RoomId: 'tandy-test-rest',
      RoomName: 'tandy-test-rest',
      RoomType: 'Live',
      Owner_Account: 'user3',
      MaxMemberCount: 300,
      IsMessageDisabled: true,
      CustomInfo: 'custom123',
      IsSeatEnabled: true,
      TakeSeatMode: 'ApplyToTake',
      MaxSeatCount: 16,
      CreateTime: 1703589922,
      IsPublicVisible: true,
      CoverURL: 'cover url',
      Category: [1, 2]
    }
  },
  'Live.CallbackAfterDestroyRoom': {
    CallbackCommand: 'Live.CallbackAfterDestroyRoom',
    Operator_Account: 'admin',
    RoomId: 'tandy-test-rest',
    EventType: 'DestroyByUser',
    EventTime: 1703589922780,
    RoomInfo: {
      RoomName: 'live name',
      RoomType: 'Live',
      Owner_Account: '144115216631667826',
      IsSeatEnabled: true,
      TakeSeatMode: 'FreeToTake',
      MaxMemberCount: 400,
      MaxSeatCount: 4,
      Category: [1, 2, 3],
      CustomInfo: '',
      IsMessageDisabled: false,
      CoverURL: 'cover url',
      ActivityStatus: 0,
      IsPublicVisible: false,
      ViewCount: 0,
      BackgroundURL: 'background url',
      IsUnlimitedRoomEnabled: true
    },
    Statistic: {
      TotalViewers: 0,
      TotalGiftsSent: 0,
      TotalGiftCoins: 0,
      TotalUniqueGiftSenders: 0,
      TotalLikesReceived: 0
    }
  },
  'Live.CallbackAfterUpdateRoomInfo': {
    CallbackCommand: 'Live.CallbackAfterUpdateRoomInfo',
    Operator_Account: 'bob',
    RoomInfo: {
      RoomId: 'live-room',
      RoomName: 'rname-123',
      MaxMemberCount: 300,
      IsMessageDisabled: false,
      CoverURL: 'https://xxxx.png',
      Category: [1, 2, 3],
      ActivityStatus: 1,
      IsPublicVisible: false,
      TakeSeatMode: 'ApplyToTake',
      CustomInfo: 'custom123'
    },
    EventTime: 1670574414123
  },
  'Live.CallbackAfterSetMetadata': {
    CallbackCommand: 'Live.CallbackAfterSetMetadata',
    Operator_Account: 'admin',
    RoomId: 'room_id',
    Metadata: [{ Key: 'key1', Value: 'value1' }],
    EventTime: 1703589922780
  },
  'Live.CallbackAfterDelMetadata': {
    CallbackCommand: 'Live.CallbackAfterDelMetadata',
    Operator_Account: 'admin',
    RoomId: 'room_id',
    Keys: ['key1'],
    EventTime: 1703589922780
  },
  'Live.CallbackAfterCreateRoomReachingThreshold': {
    CallbackCommand: 'Live.CallbackAfterCreateRoomReachingThreshold',
    Operator_Account: 'brennanli',
    EventTime: 1739966441121,
    CurRoomCount: 400,
    MaxRoomCount: 500
  },
  'Live.CallbackAfterMemberStateChanged': {
    CallbackCommand: 'Live.CallbackAfterMemberStateChanged',
    RoomId: 'room_id',
    EventType: 'Online',
    EventCause: 'Enter',
    MemberList: [{ Member_Account: 'jared' }, { Member_Account: 'tommy' }],
    EventTime: 1703589922780
  },
  'Live.CallbackAfterChangeOwner': {
    CallbackCommand: 'Live.CallbackAfterChangeOwner',
    RoomId: 'room_id',
    EventTime: 1703589922780,
    Operator_Account: 'admin',
    CurrentOwner_Account: 'user2',
    OriginalOwner_Account: 'user1'
  },
  'Live.CallbackAfterModifyAdmin': {
    CallbackCommand: 'Live.CallbackAfterModifyAdmin',
    RoomId: 'room_id',
    EventTime: 1703589922780,
    Operator_Account: 'admin',
    Admin_Account: ['user1'],
    opType: 'add'
  },
  'Live.CallbackAfterCreateBattle': {
    CallbackCommand: 'Live.CallbackAfterCreateBattle',
    Operator_Account: 'brennan',
    BattleId: '4siHsNsWN/T3aub9zKraqI4zZAyPRpXQhdtKv1q4HOs=',
    FromRoomId: 'pk-3',
    ToRoomIdList: ['pk-5'],
    Timeout: 10000,
    Duration: 60000,
    NeedResponse: true,
    ExtensionInfo: 'ext',
    EventTime: 1739954005000
  },
  'Live.CallbackAfterStartBattle': {
    CallbackCommand: 'Live.CallbackAfterStartBattle',
    BattleId: '4siHsNsWN/T3aub9zKraqI4zZAyPRpXQhdtKv1q4HOs=',
    Duration: 60000,
    CreateTime: 1739954005,
    StartTime: 1739954005,
    FromRoomInfo: { RoomId: 'pk-3', Owner_Account: 'brennan' },
    ToRoomList: [{ RoomId: 'pk-5', Owner_Account: 'tandy' }],
    EventTime: 1739954005000
  },
  'Live.CallbackAfterEndBattle': {
    CallbackCommand: 'Live.CallbackAfterEndBattle',
    BattleId: '4siHsNsWN/T3aub9zKraqPfGQAimPhdFoe6VWhtz9lY=',
    Duration: 30000,
    CreateTime: 1739956115,
    StartTime: 1739956115,
    EndTime: 1739956145,
    OpType: 0,
    FromRoomInfo: { RoomId: 'pk-3', Score: 0, Owner_Account: '144115245353757792' },
    ToRoomList: [{ RoomId: 'pk-5', Score: 0, Owner_Account: '144115245442327522' }],
    EventTime: 1739956146119
  },
  'Live.CallbackBeforeSendGift': {
    CallbackCommand: 'Live.CallbackBeforeSendGift',
    Operator_Account: 'brennanli',
    RoomId: 'room_id',
    GiftWater: { From_Account: 'from', To_Account: ['to1'], Time: 1703589922, GiftId: 'gift1', Count: 1, Coins: 1000 }
  },
  'Follow.CallbackAfterCloudRecordingChanged': {
    CallbackCommand: 'Follow.CallbackAfterCloudRecordingChanged',
    EventGroupId: 3,
    EventType: 305,
    CallbackTs: 1752580150082,
    EventInfo: {
      RoomId: '635055',
      EventTs: 1752580150,
      EventMsTs: 1752580150081,
      UserId: 'user1',
      TaskId: '-m9-bVVU7id***K-m928oZWQndiborbEWH3zY-lIXlprc-gQvQE',
      Payload: { Status: 0 }
    }
  }
}
