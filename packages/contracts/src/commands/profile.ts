import { Type } from '@sinclair/typebox'
import { command } from '../command-entry.ts'
import { account, common, integer, list, object, read, text } from '../fields.ts'

export const profileCommands = {
  'Profile.CallbackPortraitSet': command({
    title: 'After a profile is updated',
    documentation: 'https://www.tencentcloud.com/document/product/1047/48733',
    orderingKey: ['From_Account'],
    body: object({
      ...common,
      Operator_Account: account(),
      From_Account: read(account('user whose profile changed')),
      ProfileItem: list(object({
        Tag: text('Tag_Profile_IM_Nick and others, or Tag_Profile_Custom_*'),
        Value: Type.Union([integer(), text()], { description: 'a number for some tags, text for others' })
      }))
    })
  })
}
