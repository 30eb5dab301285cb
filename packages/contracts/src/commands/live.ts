import { command } from '../command-entry.ts'
import { account, cloudRecording, common, flag, integer, list, loose, text } from '../fields.ts'

const RoomId = text('the room')
const operator = { Operator_Account: account('who did it') }
const TakeSeatMode = text('FreeToTake or ApplyToTake')
const BattleId = text('the battle; in Base64')

export const liveCommands = {
  'Live.CallbackAfterCreateRoom': command({
    title: 'After a live room is created',
    documentation: 'https://www.tencentcloud.com/document/product/647/64422',
    orderingKey: ['RoomInfo.RoomId'],
    body: loose({
      ...common,
      ...operator,
      RoomInfo: loose({
        RoomId,
        RoomName: text('its name'),
        RoomType: text('Live'),
        Owner_Account: account('its owner'),
        MaxMemberCount: integer(),
        IsMessageDisabled: flag(),
        CustomInfo: text('data of the app'),
        IsSeatEnabled: flag(),
        TakeSeatMode,
        MaxSeatCount: integer(),
        CreateTime: integer('s since 1970'),
        IsPublicVisible: flag(),
        CoverURL: text(),
        Category: list(integer())
      }, 'the room')
    })
  }),
  'Live.CallbackAfterDestroyRoom': command({
    title: 'After a live room is destroyed',
    documentation: 'https://www.tencentcloud.com/document/product/647/64423',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      Operator_Account: account('@TIM#SYSTEM where the system did it'),
      RoomId,
      EventType: text('DestroyByUser or DestroyBySystem'),
      RoomInfo: loose({
        RoomId: text('undocumented, but seen'),
        RoomName: text('its name'),
        RoomType: text(),
        Owner_Account: account('its owner; the example has a number, too large for JavaScript'),
        IsSeatEnabled: flag(),
        TakeSeatMode,
        MaxMemberCount: integer(),
        MaxSeatCount: integer(),
        Category: list(integer()),
        CustomInfo: text('data of the app'),
        IsMessageDisabled: flag(),
        CoverURL: text(),
        ActivityStatus: integer(),
        IsPublicVisible: flag(),
        ViewCount: integer(),
        BackgroundURL: text(),
        IsUnlimitedRoomEnabled: flag()
      }, 'the room as it was'),
      Statistic: loose({
        TotalViewers: integer(),
        TotalGiftsSent: integer(),
        TotalGiftCoins: integer(),
        TotalUniqueGiftSenders: integer(),
        TotalLikesReceived: integer()
      }, 'what there was in it')
    })
  }),
  'Live.CallbackAfterUpdateRoomInfo': command({
    title: 'After live room information changed',
    documentation: 'https://trtc.io/document/67938',
    orderingKey: ['RoomInfo.RoomId'],
    body: loose({
      ...common,
      ...operator,
      RoomInfo: loose({
        RoomId,
        RoomName: text('its name'),
        MaxMemberCount: integer(),
        IsMessageDisabled: flag(),
        CoverURL: text(),
        Category: list(integer()),
        ActivityStatus: integer(),
        IsPublicVisible: flag(),
        TakeSeatMode,
        CustomInfo: text('data of the app')
      }, 'the room, with what has changed')
    })
  }),
  'Live.CallbackAfterSetMetadata': command({
    title: 'After live room metadata is set',
    documentation: 'https://www.tencentcloud.com/document/product/647/68222',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      ...operator,
      RoomId,
      Metadata: list(loose({ Key: text(), Value: text() }), 'what was set')
    })
  }),
  'Live.CallbackAfterDelMetadata': command({
    title: 'After live room metadata is deleted',
    documentation: 'https://www.tencentcloud.com/document/product/647/68223',
    orderingKey: ['RoomId'],
    body: loose({ ...common, ...operator, RoomId, Keys: list(text(), 'what was deleted') })
  }),
  'Live.CallbackAfterCreateRoomReachingThreshold': command({
    title: 'When the number of live rooms nears its limit',
    documentation: 'https://www.tencentcloud.com/document/product/647/70485',
    remark: 'Comes after a room was created, from 70 % of the limit on.',
    orderingKey: ['Operator_Account'],
    body: loose({ ...common, ...operator, CurRoomCount: integer('rooms now'), MaxRoomCount: integer('the limit') })
  }),
  'Live.CallbackAfterMemberStateChanged': command({
    title: 'After a live room member state changed',
    documentation: 'https://www.tencentcloud.com/document/product/647/64424',
    remark: 'No more of them come once the room is destroyed. One table calls it `Live.CallbackMemberStateChanged`; that would be relayed as an unknown command.',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      RoomId,
      EventType: text('Online or Offline'),
      EventCause: text('Enter, Leave, HeartbeatInterrupt, HeartbeatRecover or Kicked'),
      MemberList: list(loose({ Member_Account: account() }), 'whose state changed')
    })
  }),
  'Live.CallbackAfterChangeOwner': command({
    title: 'After the live room owner changed',
    documentation: 'https://www.tencentcloud.com/document/product/647/72553',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      RoomId,
      ...operator,
      CurrentOwner_Account: account('the owner now'),
      OriginalOwner_Account: account('the owner before')
    })
  }),
  'Live.CallbackAfterModifyAdmin': command({
    title: 'After live room admins changed',
    documentation: 'https://www.tencentcloud.com/document/product/647/72554',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      RoomId,
      ...operator,
      Admin_Account: list(account(), 'who is made an administrator, or is one no more'),
      opType: text('add or delete; spelled in lower case')
    })
  }),
  'Live.CallbackAfterCreateBattle': command({
    title: 'After a battle (PK) is requested',
    documentation: 'https://www.tencentcloud.com/document/product/647/68259',
    orderingKey: ['BattleId'],
    body: loose({
      ...common,
      ...operator,
      BattleId,
      FromRoomId: text('the room that asks for it'),
      ToRoomIdList: list(text(), 'the rooms that are asked'),
      Timeout: integer('how long an answer is waited for, in ms'),
      Duration: integer('how long it is to last, in ms'),
      NeedResponse: flag('whether the others must agree'),
      ExtensionInfo: text('data of the app')
    })
  }),
  'Live.CallbackAfterStartBattle': command({
    title: 'After a battle starts',
    documentation: 'https://www.tencentcloud.com/document/product/647/68260',
    orderingKey: ['BattleId'],
    body: loose({
      ...common,
      BattleId,
      Duration: integer('how long it is to last, in ms'),
      CreateTime: integer('s since 1970'),
      StartTime: integer('s since 1970'),
      FromRoomInfo: loose({ RoomId, Owner_Account: account('its owner') }, 'the room that asked for it'),
      ToRoomList: list(loose({ RoomId, Owner_Account: account('its owner') }), 'the rooms that were asked')
    })
  }),
  'Live.CallbackAfterEndBattle': command({
    title: 'After a battle ends',
    documentation: 'https://www.tencentcloud.com/document/product/647/68261',
    orderingKey: ['BattleId'],
    body: loose({
      ...common,
      BattleId,
      Duration: integer('how long it is to last, in ms'),
      CreateTime: integer('s since 1970'),
      StartTime: integer('s since 1970'),
      EndTime: integer('s since 1970'),
      OpType: integer('0 the time is up, 1 all hosts have left, 2 it never began'),
      FromRoomInfo: loose({ RoomId, Owner_Account: account('its owner; the example has a number, too large for JavaScript'), Score: integer('its score') }, 'the room that asked for it'),
      ToRoomList: list(loose({ RoomId, Owner_Account: account('its owner'), Score: integer('its score') }), 'the rooms that were asked')
    })
  }),
  'Live.CallbackBeforeSendGift': command({
    title: 'Before a gift is sent',
    documentation: 'https://www.tencentcloud.com/document/product/647/72210',
    remark: 'Unlike a message, a gift is blocked where no answer comes in time; `Live.CallbackBeforeCallBackNotBlock` turns that round.',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      ...operator,
      RoomId,
      GiftWater: loose({
        From_Account: account('who gives'),
        To_Account: list(account(), 'who is given: a list here, one account elsewhere'),
        Time: integer('s since 1970'),
        GiftId: text('the kind of gift'),
        Count: integer('how many'),
        Coins: integer('what they cost')
      }, 'the gift')
    })
  }),
  'Live.CallbackBeforeCallBackNotBlock': command({
    title: 'Never: no callback, but a switch',
    documentation: 'https://www.tencentcloud.com/document/product/647/72210',
    remark: 'Named in the list of callbacks that are switched on, it lets gifts pass where `Live.CallbackBeforeSendGift` gets no answer.',
    body: loose({ ...common })
  }),
  'Follow.CallbackAfterCloudRecordingChanged': command({
    title: 'After the live cloud-recording state changed',
    documentation: 'https://www.tencentcloud.com/document/product/647/78428',
    remark: 'Has nothing to do with follows, whatever its name says.',
    orderingKey: ['EventInfo.RoomId'],
    eventTime: { field: 'CallbackTs', unit: 'ms' },
    body: loose({ ...common, ...cloudRecording })
  })
}
