import { command } from '../command-entry.ts'
import { account, common, list, object, read } from '../fields.ts'

export const followCommands = {
  'Follow.CallbackAfterFollowAdd': command({
    title: 'After a user is followed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/70355',
    orderingKey: ['From_Account'],
    body: object({ ...common, From_Account: read(account()), FollowList: list(object({ To_Account: account() })) })
  }),
  'Follow.CallbackAfterFollowDelete': command({
    title: 'After a user is unfollowed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/70356',
    orderingKey: ['From_Account'],
    body: object({
      ...common,
      From_Account: read(account()),
      To_Account: list(account(), 'several here, one elsewhere')
    })
  })
}
