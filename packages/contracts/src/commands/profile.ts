import { Type } from '@sinclair/typebox'
import { command } from '../command-entry.ts'
import { account, common, integer, list, object, read, text } from '../fields.ts'

export const profileCommands = {
  'Profile.CallbackPortraitSet': command({
    title: 'After a profile is updated',
    documentation: 'https://www.tencentcloud.com/document/product/1047/48733',
    remark: 'The subscription to profile changes must be switched on in the console too.',
    orderingKey: ['From_Account'],
    body: object({
      ...common,
      Operator_Account: account('who changed it'),
      From_Account: read(account('the user whose profile changed')),
      ProfileItem: list(object({
        Tag: text('Tag_Profile_IM_Nick, Tag_Profile_IM_Image and others, or Tag_Profile_Custom_*'),
        Value: Type.Union([integer(), text()], { description: 'a number for birthday, language, level, role and message settings, text for others' })
      }), 'what has changed')
    })
  })
}
