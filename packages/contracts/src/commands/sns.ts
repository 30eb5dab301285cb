import { command } from '../command-entry.ts'
import { account, common, integer, list, object, optional, read, text } from '../fields.ts'

const requester = { Requester_Account: account('who sent the request') }

export const snsCommands = {
  'Sns.CallbackPrevFriendAdd': command({
    title: 'Before a friend is added',
    documentation: 'https://www.tencentcloud.com/document/product/1047/43468',
    remark: 'Comes for requests of clients only. Each account of `FriendItem` is decided on by itself.',
    orderingKey: ['From_Account'],
    body: object({
      ...common,
      ...requester,
      From_Account: read(account('who wants to have friends')),
      FriendItem: list(object({
        To_Account: account('who is to be a friend'),
        Remark: optional(text('name that From_Account gives the friend')),
        GroupName: optional(text('list of friends that it goes into')),
        AddSource: optional(text('AddSource_Type_...')),
        AddWording: optional(text('message to the friend'))
      }), 'the requests'),
      AddType: text('Add_Type_Single or Add_Type_Both'),
      ForceAddFlags: integer('1 where an administrator adds without asking, else 0')
    })
  }),
  'Sns.CallbackPrevFriendResponse': command({
    title: 'Before a friend request is answered',
    documentation: 'https://www.tencentcloud.com/document/product/1047/43467',
    remark: 'Comes for answers of clients only. Each account of `ResponseFriendItem` is decided on by itself.',
    orderingKey: ['From_Account'],
    body: object({
      ...common,
      ...requester,
      From_Account: read(account('who answers the requests')),
      ResponseFriendItem: list(object({
        To_Account: account('whose request it was'),
        Remark: optional(text('name that From_Account gives the friend')),
        TagName: optional(text('list of friends that it goes into')),
        ResponseAction: text('Response_Action_AgreeAndAdd, Response_Action_Agree or Response_Action_Reject')
      }), 'the answers')
    })
  }),
  'Sns.CallbackFriendAdd': command({
    title: 'After a friend is added',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34359',
    remark: 'Does not come for friends that the REST API imports (`friend_import`).',
    orderingKey: ['PairList.0.From_Account'],
    body: object({
      ...common,
      PairList: read(list(object({
        From_Account: account('whose friends are more by one'),
        To_Account: account('the new friend'),
        Initiator_Account: optional(account('who asked for it'))
      }), 'the new friendships')),
      ClientCmd: optional(text('friend_add, FriendAdd, friend_response or FriendResponse')),
      Admin_Account: optional(account('the administrator, where the server did it; else empty')),
      ForceFlag: optional(integer('1 where an administrator adds without asking, else 0'))
    })
  }),
  'Sns.CallbackFriendDelete': command({
    title: 'After a friend is deleted',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34360',
    orderingKey: ['PairList.0.From_Account'],
    body: object({
      ...common,
      PairList: read(list(object({
        From_Account: account('whose friends are fewer by one'),
        To_Account: account('the former friend')
      }), 'the friendships that ended'))
    })
  }),
  'Sns.CallbackBlackListAdd': command({
    title: 'After a user is added to the blocklist',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34361',
    orderingKey: ['PairList.0.From_Account'],
    body: object({
      ...common,
      PairList: read(list(object({ From_Account: account('who blocks'), To_Account: account('who is blocked') }), 'who blocks whom'))
    })
  }),
  'Sns.CallbackBlackListDelete': command({
    title: 'After a user is removed from the blocklist',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34362',
    orderingKey: ['PairList.0.From_Account'],
    body: object({
      ...common,
      PairList: read(list(object({ From_Account: account('who had blocked'), To_Account: account('who is blocked no more') }), 'who blocks whom no more'))
    })
  })
}
