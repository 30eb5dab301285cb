export const roomExamples = {
  'Room.CallbackAfterCreateRoom': {
    CallbackCommand: 'Room.CallbackAfterCreateRoom',
    Operator_Account: 'admin',
    RoomInfo: {
      RoomId: 'tandy-test-rest',
      RoomName: 'tandy-test-rest',
      RoomType: 'Meeting',
      Owner_Account: 'user3',
      MaxMemberCount: 300,
      MaxSeatCount: 16,
      IsVideoDisabled: true,
      IsAudioDisabled: false,
      IsMessageDisabled: false,
      IsScreenSharingDisabled: false,
      IsCloudRecordingDisabled: false,
      CustomInfo: 'custom123',
      ScheduleStartTime: 1703589922,
      ScheduleEndTime: 1703593522,
      RoomStatus: 'Running',
      IsSeatEnabled: true,
      TakeSeatMode: 'ApplyToTake',
      CreateTime: 1703589922
    },
    ScheduleInviteeList_Account: ['user1'],
    EventTime: 1703589922780
  },
  'Room.CallbackAfterDestroyRoom': {
    CallbackCommand: 'Room.CallbackAfterDestroyRoom',
    Operator_Account: 'bob',
    RoomId: 'rid-123',
    EventTime: 1703589922780
  },
  'Room.CallbackAfterUpdateRoomInfo': {
    CallbackCommand: 'Room.CallbackAfterUpdateRoomInfo',
    Operator_Account: 'bob',
    RoomInfo: {
      RoomId: 'rid-123',
      RoomName: 'rname-123',
      Owner_Account: 'jack',
      TakeSeatMode: 'FreeToTake',
      MaxMemberCount: 300,
      IsCloudRecordingDisabled: false
    },
    EventTime: 1703589922780
  },
  'Room.CallbackAfterMemberEnter': {
    CallbackCommand: 'Room.CallbackAfterMemberEnter',
    Operator_Account: 'bob',
    RoomId: 'rid-123',
    MemberCount: 2,
    Type: 'Enter',
    MemberList_Account: ['user1'],
    EventTime: 1703589922780
  },
  'Room.CallbackAfterMemberLeave': {
    CallbackCommand: 'Room.CallbackAfterMemberLeave',
    Operator_Account: 'user1',
    RoomId: 'rid-123',
    MemberCount: 20,
    Type: 'Leave',
    MemberList_Account: ['user1'],
    Reason: 'xxxx',
    EventTime: 1670574414123
  },
  'Mic.CallbackAfterSeatInfoChanged': {
    CallbackCommand: 'Mic.CallbackAfterSeatInfoChanged',
    Operator_Account: 'bob',
    RoomId: 'rid-123',
    SeatList: [
      {
        Index: 1,
        Member_Account: 'user1',
        IsTakenDisabled: false,
        IsVideoDisabled: false,
        IsAudioDisabled: false
      }
    ],
    EventTime: 1703589922780
  }
}
