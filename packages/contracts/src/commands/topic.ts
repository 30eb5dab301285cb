import { command } from '../command-entry.ts'
import { GroupId, TopicId, TopicIdList, UserDefinedDataList, account, common, object, optional, read, text } from '../fields.ts'

export const topicCommands = {
  'Group.CallbackBeforeCreateTopic': command({
    title: 'Before a topic is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/49463',
    orderingKey: ['Operator_Account'],
    body: object({ ...common, Operator_Account: read(account()), Type: text('Community'), Name: text('topic name') })
  }),
  'Group.CallbackAfterCreateTopic': command({
    title: 'After a topic is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/49464',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      TopicId,
      Operator_Account: account(),
      Owner_Account: read(account('owner of the community')),
      Type: read(text('Community')),
      Name: read(text('topic name')),
      UserDefinedDataList: optional(UserDefinedDataList)
    })
  }),
  'Group.CallbackAfterTopicDestroyed': command({
    title: 'After topics are deleted',
    documentation: 'https://www.tencentcloud.com/document/product/1047/49465',
    orderingKey: ['GroupId'],
    body: object({ ...common, GroupId, Type: text('Community'), TopicIdList })
  }),
  'Group.CallbackAfterTopicInfoChanged': command({
    title: 'After the topic profile changed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/49466',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      TopicId: optional(TopicId),
      Type: text('Community'),
      Operator_Account: account(),
      Name: optional(text('where it changed')),
      Introduction: optional(text('where it changed')),
      Notification: optional(text('where it changed')),
      FaceUrl: optional(text('where it changed'))
    })
  })
}
