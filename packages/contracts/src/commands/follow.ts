import { command } from '../command-entry.ts'
import { account, common, list, object, read } from '../fields.ts'

export const followCommands = {
  'Follow.CallbackAfterFollowAdd': command({
    title: 'After a user is followed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/70355',
    orderingKey: ['From_Account'],
    body: object({ ...common, From_Account: read(account('who follows')), FollowList: list(object({ To_Account: account() }), 'who is followed') })
  }),
  'Follow.CallbackAfterFollowDelete': command({
    title: 'After a user is unfollowed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/70356',
    orderingKey: ['From_Account'],
    body: object({
      ...common,
      From_Account: read(account('who followed')),
      To_Account: list(account(), 'who is followed no more: a list here, one account elsewhere')
    })
  })
}
