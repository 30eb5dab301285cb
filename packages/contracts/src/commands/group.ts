import { Type } from '@sinclair/typebox'
import { Account, EventTime, GroupId, UserDefinedDataList, read } from '../fields.ts'

/** https://www.tencentcloud.com/document/product/1047/34369 */
export const AfterCreateGroup = Type.Object({
  CallbackCommand: Type.Optional(Type.String()),
  GroupId,
  Operator_Account: Account,
  Owner_Account: Type.String({ minLength: 1, ...read }),
  Type: Type.String({ minLength: 1, ...read }), // an open set: Private, Public, ChatRoom, AVChatRoom, Community, newer names, custom types
  Name: Type.String(read),
  MemberList: Type.Optional(Type.Array(Type.Object({ Member_Account: Account }), read)),
  UserDefinedDataList: Type.Optional(UserDefinedDataList),
  InviteOption: Type.Optional(Type.String()), // undocumented, seen in 2023
  EventTime: Type.Optional(EventTime)
})

/** The documentation's own example, in its Japanese edition (with its unquoted key mended). */
export const afterCreateGroupExample = {
  CallbackCommand: 'Group.CallbackAfterCreateGroup',
  GroupId: '@TGS#2J4SZEAEL',
  Operator_Account: 'group_root',
  Owner_Account: 'leckie',
  Type: 'Public',
  Name: 'MyFirstGroup',
  MemberList: [{ Member_Account: 'bob' }, { Member_Account: 'peter' }],
  UserDefinedDataList: [{ Key: 'UserDefined1', Value: 'hello' }, { Key: 'UserDefined2', Value: 'world' }],
  EventTime: '1670574414123'
}
