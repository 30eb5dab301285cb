export const snsExamples = {
  'Sns.CallbackPrevFriendAdd': {
    CallbackCommand: 'Sns.CallbackPrevFriendAdd',
    Requester_Account: 'id',
    From_Account: 'id',
    FriendItem: [
      {
        To_Account: 'id1',
        Remark: 'remark1',
        GroupName: 'group1',
        AddSource: 'AddSource_Type_Android',
        AddWording: 'this is id1!'
      },
      {
        To_Account: 'id2',
        Remark: 'remark2',
        GroupName: 'group1',
        AddSource: 'AddSource_Type_Android',
        AddWording: 'this is id2!'
      }
    ],
    AddType: 'Add_Type_Both',
    ForceAddFlags: 0,
    EventTime: 1631777344870
  },
  'Sns.CallbackPrevFriendResponse': {
    CallbackCommand: 'Sns.CallbackPrevFriendResponse',
    Requester_Account: 'id',
    From_Account: 'id',
    ResponseFriendItem: [
      {
        To_Account: 'id1',
        Remark: 'remark1',
        TagName: 'group1',
        ResponseAction: 'Response_Action_AgreeAndAdd'
      },
      { To_Account: 'id2', Remark: 'remark2', TagName: 'group2', ResponseAction: 'Response_Action_Reject' }
    ],
    EventTime: 1631777645424
  },
  'Sns.CallbackFriendAdd': {
    CallbackCommand: 'Sns.CallbackFriendAdd',
    PairList: [
      { From_Account: 'id', To_Account: 'id1', Initiator_Account: 'id' },
      { From_Account: 'id', To_Account: 'id2', Initiator_Account: 'id' },
      { From_Account: 'id', To_Account: 'id3', Initiator_Account: 'id' }
    ],
    ClientCmd: 'friend_add',
    Admin_Account: '',
    ForceFlag: 1
  },
  'Sns.CallbackFriendDelete': {
    CallbackCommand: 'Sns.CallbackFriendDelete',
    PairList: [
      { From_Account: 'id', To_Account: 'id1' },
      { From_Account: 'id', To_Account: 'id2' },
      { From_Account: 'id', To_Account: 'id3' }
    ]
  },
  'Sns.CallbackBlackListAdd': {
    CallbackCommand: 'Sns.CallbackBlackListAdd',
    PairList: [
      { From_Account: 'id', To_Account: 'id1' },
      { From_Account: 'id', To_Account: 'id2' },
      { From_Account: 'id', To_Account: 'id3' }
    ]
  },
  'Sns.CallbackBlackListDelete': {
    CallbackCommand: 'Sns.CallbackBlackListDelete',
    PairList: [
      { From_Account: 'id', To_Account: 'id1' },
      { From_Account: 'id', To_Account: 'id2' },
      { From_Account: 'id', To_Account: 'id3' }
    ]
  }
}
