import { command } from '../command-entry.ts'
import { GroupId, TopicId, TopicIdList, UserDefinedDataList, account, common, object, optional, read, text } from '../fields.ts'

export const topicCommands = {
  'Group.CallbackBeforeCreateTopic': command({
    title: 'Before a topic is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/49463',
    remark: 'Does not tell in which community. Switched on together with `Group.CallbackBeforeCreateGroup`.',
    orderingKey: ['Operator_Account'],
    body: object({ ...common, Operator_Account: read(account('who asks for it')), Type: text('Community'), Name: text('name of the topic') })
  }),
  'Group.CallbackAfterCreateTopic': command({
    title: 'After a topic is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/49464',
    remark: 'Switched on together with `Group.CallbackAfterCreateGroup`.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      TopicId,
      Operator_Account: account('who created it'),
      Owner_Account: read(account('owner of the community')),
      Type: read(text('Community')),
      Name: read(text('name of the topic')),
      UserDefinedDataList: optional(UserDefinedDataList)
    })
  }),
  'Group.CallbackAfterTopicDestroyed': command({
    title: 'After topics are deleted',
    documentation: 'https://www.tencentcloud.com/document/product/1047/49465',
    remark: 'One callback may tell of several topics. Does not tell who did it. Switched on together with `Group.CallbackAfterGroupDestroyed`.',
    orderingKey: ['GroupId'],
    body: object({ ...common, GroupId, Type: text('Community'), TopicIdList })
  }),
  'Group.CallbackAfterTopicInfoChanged': command({
    title: 'After the topic profile changed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/49466',
    remark: 'By its documentation it does not tell which topic has changed. Only what has changed is there. Switched on together with `Group.CallbackAfterGroupInfoChanged`.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      TopicId: optional(text('the topic; undocumented, so it may be missing')),
      Type: text('Community'),
      Operator_Account: account('who changed it'),
      Name: optional(text('where it changed')),
      Introduction: optional(text('where it changed')),
      Notification: optional(text('where it changed')),
      FaceUrl: optional(text('where it changed'))
    })
  })
}
