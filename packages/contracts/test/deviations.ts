/** Where our schemas are other than Tencent's tables, as they must be. `?`: not required. */
export const tableDeviations = [
  { command: 'Group.CallbackBeforeCreateGroup', field: 'CreatedGroupNum', table: 'Object<String,Integer>?', schema: 'Object?', why: 'the same, in other words' },
  { command: 'Group.CallbackAfterCreateGroup', field: 'MemberList', table: 'Array<Object>', schema: 'Array<Object>?', why: 'other callbacks leave out the members of communities; a group is worth relaying without' },
  { command: 'Group.CallbackAfterCreateGroup', field: 'UserDefinedDataList[].Value', table: 'String?', schema: 'any?', why: 'may be binary by the documentation, and an object by one SDK' },
  { command: 'Group.CallbackAfterCreateTopic', field: 'UserDefinedDataList[].Value', table: 'String?', schema: 'any?', why: 'as above' },
  { command: 'Group.CallbackAfterTopicDestroyed', field: 'TopicIdList', table: 'Array<String>', schema: 'Array<String>/String', why: 'one edition of the table says String, the example shows a list' },
  { command: 'Profile.CallbackPortraitSet', field: 'ProfileItem[].Value', table: 'uint32/string', schema: 'Integer/String', why: 'the same, in other words' }
]

/** Where Tencent's examples are other than its tables. They are relayed as they come, and told as drift. */
export const exampleDeviations = [
  { command: 'Call.CallbackAfterStartCall', field: 'UserList[].User_Account', problem: 'must be string', why: 'the example shows a number, and one that JavaScript cannot hold' },
  { command: 'Room.CallbackAfterUpdateRoomInfo', field: 'RoomInfo.IsCloudRecordingDisabled', problem: 'must be boolean', why: 'the example shows text, "false"' },
  { command: 'Live.CallbackAfterDestroyRoom', field: 'RoomInfo.Owner_Account', problem: 'must be string', why: 'the example shows a large number; real callbacks have text' },
  { command: 'Live.CallbackAfterEndBattle', field: 'FromRoomInfo.Owner_Account', problem: 'must be string', why: 'the example shows a large number, the one of StartBattle has text' },
  { command: 'Live.CallbackAfterEndBattle', field: 'ToRoomList[].Owner_Account', problem: 'must be string', why: 'as above' }
]
