export const followExamples = {
  'Follow.CallbackAfterFollowAdd': {
    CallbackCommand: 'Follow.CallbackAfterFollowAdd',
    From_Account: 'UserID_001',
    FollowList: [{ To_Account: 'UserID_002' }, { To_Account: 'UserID_003' }],
    EventTime: 1702018343678
  },
  'Follow.CallbackAfterFollowDelete': {
    CallbackCommand: 'Follow.CallbackAfterFollowDelete',
    From_Account: 'UserID_001',
    To_Account: ['UserID_002', 'UserID_003'],
    EventTime: 1702018343678
  }
}
