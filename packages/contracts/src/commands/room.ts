import { command } from '../command-entry.ts'
import { account, common, flag, integer, list, loose, text } from '../fields.ts'

export const roomCommands = {
  'Room.CallbackAfterCreateRoom': command({
    title: 'After a conference room is created',
    documentation: 'https://trtc.io/document/60733',
    orderingKey: ['RoomInfo.RoomId'],
    body: loose({
      ...common,
      Operator_Account: account(),
      RoomInfo: loose({
        RoomId: text(),
        RoomName: text(),
        RoomType: text('Meeting'),
        Owner_Account: account(),
        MaxMemberCount: integer(),
        MaxSeatCount: integer(),
        IsVideoDisabled: flag(),
        IsAudioDisabled: flag(),
        IsMessageDisabled: flag(),
        IsScreenSharingDisabled: flag(),
        IsCloudRecordingDisabled: flag('one example has text'),
        CustomInfo: text(),
        ScheduleStartTime: integer('s since 1970'),
        ScheduleEndTime: integer('s since 1970'),
        RoomStatus: text('None, NotStarted or Running'),
        IsSeatEnabled: flag(),
        TakeSeatMode: text('None, FreeToTake or ApplyToTake'),
        CreateTime: integer('s since 1970')
      }),
      ScheduleInviteeList_Account: list(account())
    })
  }),
  'Room.CallbackAfterDestroyRoom': command({
    title: 'After a conference room is destroyed',
    documentation: 'https://trtc.io/document/60732',
    orderingKey: ['RoomId'],
    body: loose({ ...common, Operator_Account: account(), RoomId: text() })
  }),
  'Room.CallbackAfterUpdateRoomInfo': command({
    title: 'After conference room information changed',
    documentation: 'https://trtc.io/document/60731',
    orderingKey: ['RoomInfo.RoomId'],
    body: loose({
      ...common,
      Operator_Account: account(),
      RoomInfo: loose({
        RoomId: text(),
        RoomName: text(),
        RoomType: text('Meeting'),
        Owner_Account: account(),
        MaxMemberCount: integer(),
        MaxSeatCount: integer(),
        IsVideoDisabled: flag(),
        IsAudioDisabled: flag(),
        IsMessageDisabled: flag(),
        IsScreenSharingDisabled: flag(),
        IsCloudRecordingDisabled: flag('one example has text'),
        CustomInfo: text(),
        ScheduleStartTime: integer('s since 1970'),
        ScheduleEndTime: integer('s since 1970'),
        RoomStatus: text('None, NotStarted or Running'),
        IsSeatEnabled: flag(),
        TakeSeatMode: text('None, FreeToTake or ApplyToTake'),
        CreateTime: integer('s since 1970')
      })
    })
  }),
  'Room.CallbackAfterMemberEnter': command({
    title: 'After members enter a room',
    documentation: 'https://trtc.io/document/60735',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      Operator_Account: account(),
      RoomId: text(),
      MemberCount: integer(),
      Type: text('Enter; no group type here'),
      MemberList_Account: list(account())
    })
  }),
  'Room.CallbackAfterMemberLeave': command({
    title: 'After members leave a room',
    documentation: 'https://trtc.io/document/60734',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      Operator_Account: account(),
      RoomId: text(),
      MemberCount: integer(),
      Type: text('Leave, Kicked or Expired; no group type here'),
      Reason: text(),
      MemberList_Account: list(account())
    })
  }),
  'Mic.CallbackAfterSeatInfoChanged': command({
    title: 'After the seat list changed (Room and Live)',
    documentation: 'https://trtc.io/document/60736',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      Operator_Account: account('of conference rooms only'),
      RoomId: text(),
      SeatList: list(loose({
        Index: integer(),
        Member_Account: account('nobody where the seat is free; the example has a number'),
        IsTakenDisabled: flag(),
        IsVideoDisabled: flag(),
        IsAudioDisabled: flag()
      }))
    })
  })
}
