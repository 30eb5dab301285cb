export const topicExamples = {
  'Group.CallbackBeforeCreateTopic': {
    CallbackCommand: 'Group.CallbackBeforeCreateTopic',
    Operator_Account: 'leckie',
    Type: 'Community',
    Name: 'MyFirstTopic'
  },
  'Group.CallbackAfterCreateTopic': {
    CallbackCommand: 'Group.CallbackAfterCreateTopic',
    GroupId: '@TGS#_@TGS#cQVLVHIM62CJ',
    TopicId: '@TGS#_@TGS#cQVLVHIM62CJ@TOPIC#_@TOPIC#cRTE3HIM62C5',
    Operator_Account: 'group_root',
    Owner_Account: 'leckie',
    Type: 'Community',
    Name: 'MyFirstTopic',
    UserDefinedDataList: [{ Key: 'UserDefined1', Value: 'hello' }, { Key: 'UserDefined2', Value: 'world' }]
  },
  'Group.CallbackAfterTopicDestroyed': {
    CallbackCommand: 'Group.CallbackAfterTopicDestroyed',
    GroupId: '@TGS#_@TGS#cQVLVHIM62CJ',
    Type: 'Community',
    TopicIdList: ['@TGS#_@TGS#cQVLVHIM62CJ@TOPIC#_TestTopic', '@TGS#_@TGS#cQVLVHIM62CJ@TOPIC#_TestTopic_1']
  },
  'Group.CallbackAfterTopicInfoChanged': {
    CallbackCommand: 'Group.CallbackAfterTopicInfoChanged',
    GroupId: '@TGS#_@TGS#cQVLVHIM62CJ',
    Type: 'Community',
    Operator_Account: 'leckie',
    Name: 'TestTopic',
    Introduction: 'TestIntroduction',
    Notification: 'NewNotification',
    FaceUrl: 'http://this.is.face.url'
  }
}
