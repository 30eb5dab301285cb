import { Type } from '@sinclair/typebox'
import { Account, EventTime, GroupId, TopicId, UserDefinedDataList, read } from '../fields.ts'

/** https://www.tencentcloud.com/document/product/1047/49464 */
export const AfterCreateTopic = Type.Object({
  CallbackCommand: Type.Optional(Type.String()),
  GroupId,
  TopicId,
  Operator_Account: Account,
  Owner_Account: Type.String({ minLength: 1, description: 'owner of the community', ...read }),
  Type: Type.String({ minLength: 1, ...read }), // Community
  Name: Type.String(read),
  UserDefinedDataList: Type.Optional(UserDefinedDataList),
  EventTime: Type.Optional(EventTime) // not documented for topics, may appear
})

/** The documentation's own example, with a TopicId that belongs to its GroupId (the page mixes two communities). */
export const afterCreateTopicExample = {
  CallbackCommand: 'Group.CallbackAfterCreateTopic',
  GroupId: '@TGS#_@TGS#cQVLVHIM62CJ',
  TopicId: '@TGS#_@TGS#cQVLVHIM62CJ@TOPIC#_@TOPIC#cRTE3HIM62C5',
  Operator_Account: 'group_root',
  Owner_Account: 'leckie',
  Type: 'Community',
  Name: 'MyFirstTopic',
  UserDefinedDataList: [{ Key: 'UserDefined1', Value: 'hello' }, { Key: 'UserDefined2', Value: 'world' }]
}
