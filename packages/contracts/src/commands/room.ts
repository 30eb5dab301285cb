import { command } from '../command-entry.ts'
import { account, common, flag, integer, list, loose, text } from '../fields.ts'

const RoomId = text('the room')

const RoomInfo = loose({
  RoomId,
  RoomName: text('its name'),
  RoomType: text('Meeting'),
  Owner_Account: account('its owner'),
  MaxMemberCount: integer(),
  MaxSeatCount: integer(),
  IsVideoDisabled: flag(),
  IsAudioDisabled: flag(),
  IsMessageDisabled: flag(),
  IsScreenSharingDisabled: flag(),
  IsCloudRecordingDisabled: flag('one example has text'),
  CustomInfo: text('data of the app'),
  ScheduleStartTime: integer('s since 1970'),
  ScheduleEndTime: integer('s since 1970'),
  RoomStatus: text('None, NotStarted or Running'),
  IsSeatEnabled: flag(),
  TakeSeatMode: text('None, FreeToTake or ApplyToTake'),
  CreateTime: integer('s since 1970')
}, 'the room')

export const roomCommands = {
  'Room.CallbackAfterCreateRoom': command({
    title: 'After a conference room is created',
    documentation: 'https://trtc.io/document/60733',
    orderingKey: ['RoomInfo.RoomId'],
    body: loose({
      ...common,
      Operator_Account: account('who created it'),
      RoomInfo,
      ScheduleInviteeList_Account: list(account(), 'who is invited to a scheduled conference')
    })
  }),
  'Room.CallbackAfterDestroyRoom': command({
    title: 'After a conference room is destroyed',
    documentation: 'https://trtc.io/document/60732',
    orderingKey: ['RoomId'],
    body: loose({ ...common, Operator_Account: account('who destroyed it'), RoomId })
  }),
  'Room.CallbackAfterUpdateRoomInfo': command({
    title: 'After conference room information changed',
    documentation: 'https://trtc.io/document/60731',
    remark: 'One list of the documentation calls it `Room.CallbackUpdateRoomInfo`; that would be relayed as an unknown command.',
    orderingKey: ['RoomInfo.RoomId'],
    body: loose({ ...common, Operator_Account: account('who changed it'), RoomInfo })
  }),
  'Room.CallbackAfterMemberEnter': command({
    title: 'After members enter a room',
    documentation: 'https://trtc.io/document/60735',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      Operator_Account: account('who did it'),
      RoomId,
      MemberCount: integer('members in the room now'),
      Type: text('Enter; no group type here'),
      MemberList_Account: list(account(), 'who entered')
    })
  }),
  'Room.CallbackAfterMemberLeave': command({
    title: 'After members leave a room',
    documentation: 'https://trtc.io/document/60734',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      Operator_Account: account('who did it'),
      RoomId,
      MemberCount: integer('members in the room now'),
      Type: text('Leave, Kicked or Expired; no group type here'),
      Reason: text('why'),
      MemberList_Account: list(account(), 'who left')
    })
  }),
  'Mic.CallbackAfterSeatInfoChanged': command({
    title: 'After the seat list changed (Room and Live)',
    documentation: 'https://trtc.io/document/60736',
    remark: 'Of conference rooms and of live rooms.',
    orderingKey: ['RoomId'],
    body: loose({
      ...common,
      Operator_Account: account('of conference rooms only'),
      RoomId,
      SeatList: list(loose({
        Index: integer('number of the seat'),
        Member_Account: account('missing where the seat is free; the example has a number, too large for JavaScript'),
        IsTakenDisabled: flag('whether nobody may take it'),
        IsVideoDisabled: flag(),
        IsAudioDisabled: flag()
      }), 'the seats')
    })
  })
}
