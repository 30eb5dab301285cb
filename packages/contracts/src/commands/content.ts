import { command } from '../command-entry.ts'
import { account, common, integer, list, object, optional, text } from '../fields.ts'

export const contentCommands = {
  'ContentCallback.ResultNotify': command({
    title: 'Cloud content moderation result',
    documentation: 'https://www.tencentcloud.com/document/product/1047/78240',
    orderingKey: ['ContactItem.ToGroupId', 'From_Account+ContactItem.To_Account', 'From_Account'],
    body: object({
      ...common,
      Scene: text('C2C, C2CCustom, Group, GroupCustom, GroupInfo, GroupMemberInfo, RelationChain, UserInfo'),
      SdkAppId: integer(),
      From_Account: account(),
      ContactItem: object({
        ContactType: integer('1 one-to-one, 2 group'),
        To_Account: optional(account('only for one-to-one')),
        ToGroupId: optional(text('only for groups'))
      }),
      ContentType: text('Text, Image, Audio or Video'),
      TextContent: optional(list(text(), 'only for Text')),
      FileURL: optional(text('only for Image/Audio/Video')),
      MsgID: text('MsgSeq_MsgRandom_MsgTime'),
      CtxcbResult: integer('1 block, 0 pass'),
      CtxcbRequestId: text(),
      CtxcbKeywords: optional(list(text())),
      CtxcbSuggestion: text('Block, Review or Normal'),
      CtxcbLabel: optional(text()),
      CtxcbSubLabel: optional(text()),
      CtxcbSubLabelDesc: optional(text()),
      CtxcbLibName: optional(text()),
      CloudCustomData: optional(text())
    })
  })
}
