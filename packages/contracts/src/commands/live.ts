import { command } from '../command-entry.ts'
import { account, common, flag, integer, list, loose, text } from '../fields.ts'

export const liveCommands = {
  'Live.CallbackAfterCreateRoom': command({
    title: 'After a live room is created',
    documentation: 'https://www.tencentcloud.com/document/product/647/64422',
    orderingKey: ['RoomInfo.RoomId'],
    body: loose({
      ...common,
      Operator_Account: account(),
      RoomInfo: loose({
        RoomId: text(),
        RoomName: text(),
        RoomType: text('Live'),
        Owner_Account: account(),
        MaxMemberCount: integer(),
        IsMessageDisabled: flag(),
        CustomInfo: text(),
        IsSeatEnabled: flag(),
        TakeSeatMode: text(),
        MaxSeatCount: integer(),
        CreateTime: integer('s since 1970'),
        IsPublicVisible: flag(),
        CoverURL: text(),
        Category: list(integer())
      })
    })
  }),
  'Live.CallbackAfterDestroyRoom': command({
    title: 'After a live room is destroyed',
    documentation: 'https://www.tencentcloud.com/document/product/647/64423',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      Operator_Account: account('@TIM#SYSTEM where the system did it'),
      RoomId: text(),
      EventType: text('DestroyByUser or DestroyBySystem'),
      RoomInfo: loose({
        RoomId: text('undocumented, but seen'),
        RoomName: text(),
        RoomType: text(),
        Owner_Account: account('the example has a number'),
        IsSeatEnabled: flag(),
        TakeSeatMode: text(),
        MaxMemberCount: integer(),
        MaxSeatCount: integer(),
        Category: list(integer()),
        CustomInfo: text(),
        IsMessageDisabled: flag(),
        CoverURL: text(),
        ActivityStatus: integer(),
        IsPublicVisible: flag(),
        ViewCount: integer(),
        BackgroundURL: text(),
        IsUnlimitedRoomEnabled: flag()
      }),
      Statistic: loose({
        TotalViewers: integer(),
        TotalGiftsSent: integer(),
        TotalGiftCoins: integer(),
        TotalUniqueGiftSenders: integer(),
        TotalLikesReceived: integer()
      })
    })
  }),
  'Live.CallbackAfterUpdateRoomInfo': command({
    title: 'After live room information changed',
    documentation: 'https://trtc.io/document/67938',
    orderingKey: ['RoomInfo.RoomId'],
    body: loose({
      ...common,
      Operator_Account: account(),
      RoomInfo: loose({
        RoomId: text(),
        RoomName: text(),
        MaxMemberCount: integer(),
        IsMessageDisabled: flag(),
        CoverURL: text(),
        Category: list(integer()),
        ActivityStatus: integer(),
        IsPublicVisible: flag(),
        TakeSeatMode: text(),
        CustomInfo: text()
      })
    })
  }),
  'Live.CallbackAfterSetMetadata': command({
    title: 'After live room metadata is set',
    documentation: 'https://www.tencentcloud.com/document/product/647/68222',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      Operator_Account: account(),
      RoomId: text(),
      Metadata: list(loose({ Key: text(), Value: text() }))
    })
  }),
  'Live.CallbackAfterDelMetadata': command({
    title: 'After live room metadata is deleted',
    documentation: 'https://www.tencentcloud.com/document/product/647/68223',
    orderingKey: ['RoomId'],
    body: loose({ ...common, Operator_Account: account(), RoomId: text(), Keys: list(text()) })
  }),
  'Live.CallbackAfterCreateRoomReachingThreshold': command({
    title: 'Live room count reached a threshold',
    documentation: 'https://www.tencentcloud.com/document/product/647/70485',
    orderingKey: ['Operator_Account'],
    body: loose({ ...common, Operator_Account: account(), CurRoomCount: integer(), MaxRoomCount: integer() })
  }),
  'Live.CallbackAfterMemberStateChanged': command({
    title: 'After a live room member state changed',
    documentation: 'https://www.tencentcloud.com/document/product/647/64424',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      RoomId: text(),
      EventType: text('Online or Offline'),
      EventCause: text('Enter, Leave, HeartbeatInterrupt, HeartbeatRecover or Kicked'),
      MemberList: list(loose({ Member_Account: account() }))
    })
  }),
  'Live.CallbackAfterChangeOwner': command({
    title: 'After the live room owner changed',
    documentation: 'https://www.tencentcloud.com/document/product/647/72553',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      RoomId: text(),
      Operator_Account: account(),
      CurrentOwner_Account: account(),
      OriginalOwner_Account: account()
    })
  }),
  'Live.CallbackAfterModifyAdmin': command({
    title: 'After live room admins changed',
    documentation: 'https://www.tencentcloud.com/document/product/647/72554',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      RoomId: text(),
      Operator_Account: account(),
      Admin_Account: list(account()),
      opType: text('add or delete')
    })
  }),
  'Live.CallbackAfterCreateBattle': command({
    title: 'After a battle (PK) is requested',
    documentation: 'https://www.tencentcloud.com/document/product/647/68259',
    orderingKey: ['BattleId'],
    body: loose({
      ...common,
      Operator_Account: account(),
      BattleId: text('in Base64'),
      FromRoomId: text(),
      ToRoomIdList: list(text()),
      Timeout: integer('ms'),
      Duration: integer('ms'),
      NeedResponse: flag(),
      ExtensionInfo: text()
    })
  }),
  'Live.CallbackAfterStartBattle': command({
    title: 'After a battle starts',
    documentation: 'https://www.tencentcloud.com/document/product/647/68260',
    orderingKey: ['BattleId'],
    body: loose({
      ...common,
      BattleId: text(),
      Duration: integer('ms'),
      CreateTime: integer('s since 1970'),
      StartTime: integer('s since 1970'),
      FromRoomInfo: loose({ RoomId: text(), Owner_Account: account('the example has a number') }),
      ToRoomList: list(loose({ RoomId: text(), Owner_Account: account() }))
    })
  }),
  'Live.CallbackAfterEndBattle': command({
    title: 'After a battle ends',
    documentation: 'https://www.tencentcloud.com/document/product/647/68261',
    orderingKey: ['BattleId'],
    body: loose({
      ...common,
      BattleId: text(),
      Duration: integer('ms'),
      CreateTime: integer('s since 1970'),
      StartTime: integer('s since 1970'),
      EndTime: integer('s since 1970'),
      OpType: integer('0, 1 or 2'),
      FromRoomInfo: loose({ RoomId: text(), Owner_Account: account('the example has a number'), Score: integer() }),
      ToRoomList: list(loose({ RoomId: text(), Owner_Account: account(), Score: integer() }))
    })
  }),
  'Live.CallbackBeforeSendGift': command({
    title: 'Before a gift is sent',
    documentation: 'https://www.tencentcloud.com/document/product/647/72210',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      Operator_Account: account(),
      RoomId: text(),
      GiftWater: loose({
        From_Account: account(),
        To_Account: list(account()),
        Time: integer(),
        GiftId: text(),
        Count: integer(),
        Coins: integer()
      })
    })
  }),
  'Live.CallbackBeforeCallBackNotBlock': command({
    title: 'Configuration switch: make the gift callback non-blocking',
    documentation: 'https://www.tencentcloud.com/document/product/647/72210',
    body: loose({ ...common })
  }),
  'Follow.CallbackAfterCloudRecordingChanged': command({
    title: 'After the live cloud-recording state changed',
    documentation: 'https://www.tencentcloud.com/document/product/647/78428',
    orderingKey: ['EventInfo.RoomId'],
    eventTime: { field: 'CallbackTs', unit: 'ms' },
    body: loose({
      ...common,
      EventGroupId: integer('3 for cloud recording'),
      EventType: integer('as in the callbacks of cloud recording: 301 for the start, 305 ...'),
      CallbackTs: integer('ms'),
      EventInfo: loose({
        RoomId: text(),
        EventTs: integer('s since 1970'),
        EventMsTs: integer('ms'),
        UserId: text('recording bot user'),
        TaskId: text(),
        Payload: loose({ Status: integer() })
      })
    })
  })
}
