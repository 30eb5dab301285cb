export const groupExamples = {
  'Group.CallbackBeforeCreateGroup': {
    CallbackCommand: 'Group.CallbackBeforeCreateGroup',
    Operator_Account: 'leckie',
    Owner_Account: 'leckie',
    Type: 'Public',
    Name: 'MyFirstGroup',
    CreateGroupNum: 123,
    MemberList: [{ Member_Account: 'bob' }, { Member_Account: 'peter' }],
    EventTime: '1670574414123'
  },
  'Group.CallbackAfterCreateGroup': {
    CallbackCommand: 'Group.CallbackAfterCreateGroup',
    GroupId: '@TGS#2J4SZEAEL',
    Operator_Account: 'group_root',
    Owner_Account: 'leckie',
    Type: 'Public',
    Name: 'MyFirstGroup',
    MemberList: [{ Member_Account: 'bob' }, { Member_Account: 'peter' }],
    UserDefinedDataList: [{ Key: 'UserDefined1', Value: 'hello' }, { Key: 'UserDefined2', Value: 'world' }],
    EventTime: '1670574414123'
  },
  'Group.CallbackBeforeApplyJoinGroup': {
    CallbackCommand: 'Group.CallbackBeforeApplyJoinGroup',
    GroupId: '@TGS#2J4SZEAEL',
    Type: 'Public',
    Requestor_Account: 'jared',
    EventTime: '1670574414123'
  },
  'Group.CallbackBeforeInviteJoinGroup': {
    CallbackCommand: 'Group.CallbackBeforeInviteJoinGroup',
    GroupId: '@TGS#2J4SZEAEL',
    Type: 'Public',
    Operator_Account: 'leckie',
    DestinationMembers: [{ Member_Account: 'jared' }, { Member_Account: 'leckie' }],
    EventTime: '1670574414123'
  },
  'Group.CallbackAfterNewMemberJoin': {
    CallbackCommand: 'Group.CallbackAfterNewMemberJoin',
    GroupId: '@TGS#2J4SZEAEL',
    Type: 'Public',
    JoinType: 'Apply',
    Operator_Account: 'leckie',
    NewMemberList: [{ Member_Account: 'jared' }, { Member_Account: 'tommy' }],
    EventTime: '1670574414123'
  },
  'Group.CallbackAfterMemberExit': {
    CallbackCommand: 'Group.CallbackAfterMemberExit',
    GroupId: '@TGS#2J4SZEAEL',
    Type: 'Public',
    ExitType: 'Kicked',
    Operator_Account: 'leckie',
    ExitMemberList: [{ Member_Account: 'jared' }, { Member_Account: 'tommy' }],
    EventTime: '1670574414123'
  },
  'Group.CallbackAfterGroupFull': { CallbackCommand: 'Group.CallbackAfterGroupFull', GroupId: '@TGS#2J4SZEAEL', EventTime: '1670574414123' },
  'Group.CallbackAfterGroupDestroyed': {
    CallbackCommand: 'Group.CallbackAfterGroupDestroyed',
    GroupId: '@TGS#2J4SZEAEL',
    Type: 'Public',
    Owner_Account: 'leckie',
    Name: 'MyFirstGroup',
    MemberList: [{ Member_Account: 'leckie' }, { Member_Account: 'peter' }, { Member_Account: 'bob' }],
    EventTime: '1670574414123'
  },
  'Group.CallbackAfterGroupInfoChanged': {
    CallbackCommand: 'Group.CallbackAfterGroupInfoChanged',
    GroupId: '@TGS#2J4SZEAEL',
    Type: 'Public',
    Operator_Account: 'leckie',
    Notification: 'NewNotification',
    EventTime: '1670574414123'
  },
  'Group.CallbackOnMemberStateChange': {
    CallbackCommand: 'Group.CallbackOnMemberStateChange',
    GroupId: '@TGS#2J4SZEAEL',
    EventType: 'Offline',
    EventCause: 'HeartbeatInterrupt',
    MemberList: [{ Member_Account: 'jared' }, { Member_Account: 'tommy' }],
    EventTime: '1670574414123'
  },
  'Group.CallbackAfterMemberFieldChanged': {
    CallbackCommand: 'Group.CallbackAfterMemberFieldChanged',
    GroupId: '@TGS#_@TGS#cQVLVHIM62CJ',
    Type: 'Community',
    Operator_Account: 'admin',
    Member_Account: '123456',
    Role: 'Admin',
    NameCard: 'jacky',
    EventTime: '1670574414123'
  },
  'Group.CallbackAfterGroupAttrChanged': {
    CallbackCommand: 'Group.CallbackAfterGroupAttrChanged',
    GroupId: '@TGS#2J4SZEAEL',
    Type: 'Public',
    Operator_Account: 'leckie',
    OptionType: 'set',
    GroupAttr: [{ key: 'key1', value: 'value1' }, { key: 'key2', value: 'values' }],
    EventTime: '1670574414123'
  },
  'Group.CallbackAfterChangeGroupOwner': {
    CallbackCommand: 'Group.CallbackAfterChangeGroupOwner',
    GroupId: '@TGS#2TTV7VSII',
    Type: 'Public',
    Operator_Account: 'admin',
    OldOwner_Account: 'user1',
    NewOwner_Account: 'user2',
    EventTime: '1670574414123'
  },
  'Group.CallbackOnDailyGroupQuotaAlarm': {
    CallbackCommand: 'Group.CallbackOnDailyGroupQuotaAlarm',
    QuotaUsed: 7321,
    Quota: 10000,
    EventTime: '1670574414123'
  }
}
