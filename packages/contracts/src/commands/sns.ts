import { command } from '../command-entry.ts'
import { account, common, integer, list, object, optional, read, text } from '../fields.ts'

export const snsCommands = {
  'Sns.CallbackPrevFriendAdd': command({
    title: 'Before a friend is added',
    documentation: 'https://www.tencentcloud.com/document/product/1047/43468',
    orderingKey: ['From_Account'],
    body: object({
      ...common,
      Requester_Account: account(),
      From_Account: read(account()),
      FriendItem: list(object({
        To_Account: account(),
        Remark: optional(text()),
        GroupName: optional(text()),
        AddSource: optional(text('AddSource_Type_...')),
        AddWording: optional(text())
      })),
      AddType: text('Add_Type_Single or Add_Type_Both'),
      ForceAddFlags: integer('0 or 1')
    })
  }),
  'Sns.CallbackPrevFriendResponse': command({
    title: 'Before a friend request is answered',
    documentation: 'https://www.tencentcloud.com/document/product/1047/43467',
    orderingKey: ['From_Account'],
    body: object({
      ...common,
      Requester_Account: account(),
      From_Account: read(account()),
      ResponseFriendItem: list(object({
        To_Account: account(),
        Remark: optional(text()),
        TagName: optional(text()),
        ResponseAction: text('Response_Action_AgreeAndAdd, Response_Action_Agree or Response_Action_Reject')
      }))
    })
  }),
  'Sns.CallbackFriendAdd': command({
    title: 'After a friend is added',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34359',
    orderingKey: ['PairList.0.From_Account'],
    body: object({
      ...common,
      PairList: read(list(read(object({
        From_Account: read(account()),
        To_Account: account(),
        Initiator_Account: optional(account())
      })))),
      ClientCmd: optional(text('friend_add, FriendAdd, friend_response or FriendResponse')),
      Admin_Account: optional(account('the administrator, where the server did it; else empty')),
      ForceFlag: optional(integer('0 or 1'))
    })
  }),
  'Sns.CallbackFriendDelete': command({
    title: 'After a friend is deleted',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34360',
    orderingKey: ['PairList.0.From_Account'],
    body: object({
      ...common,
      PairList: read(list(read(object({ From_Account: read(account()), To_Account: account() }))))
    })
  }),
  'Sns.CallbackBlackListAdd': command({
    title: 'After a user is added to the blocklist',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34361',
    orderingKey: ['PairList.0.From_Account'],
    body: object({
      ...common,
      PairList: read(list(read(object({ From_Account: read(account()), To_Account: account() }))))
    })
  }),
  'Sns.CallbackBlackListDelete': command({
    title: 'After a user is removed from the blocklist',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34362',
    orderingKey: ['PairList.0.From_Account'],
    body: object({
      ...common,
      PairList: read(list(read(object({ From_Account: read(account()), To_Account: account() }))))
    })
  })
}
