import { command } from '../command-entry.ts'
import { CloudCustomData, account, common, integer, list, object, optional, text } from '../fields.ts'

export const contentCommands = {
  'ContentCallback.ResultNotify': command({
    title: 'After content was moderated',
    documentation: 'https://www.tencentcloud.com/document/product/1047/78240',
    remark: 'The body does not name the command: it stands in the query alone. Comes for violations only, unless all results are asked for; needs the moderation add-on.',
    orderingKey: ['ContactItem.ToGroupId', 'From_Account+ContactItem.To_Account', 'From_Account'],
    body: object({
      ...common,
      Scene: text('C2C, C2CCustom, Group, GroupCustom, GroupInfo, GroupMemberInfo, RelationChain or UserInfo'),
      SdkAppId: integer('the app'),
      From_Account: account('whose content it is'),
      ContactItem: object({
        ContactType: integer('1 one-to-one, 2 group'),
        To_Account: optional(account('the receiver; only for one-to-one')),
        ToGroupId: optional(text('the group; only for groups'))
      }, 'with whom, or where'),
      ContentType: text('Text, Image, Audio or Video'),
      TextContent: optional(list(text(), 'only for Text')),
      FileURL: optional(text('only for Image, Audio and Video')),
      MsgID: text('the key of the message: MsgSeq_MsgRandom_MsgTime'),
      CtxcbResult: integer('1 block, 0 pass'),
      CtxcbRequestId: text('id of the check'),
      CtxcbKeywords: optional(list(text(), 'words that were found')),
      CtxcbSuggestion: text('Block, Review or Normal'),
      CtxcbLabel: optional(text('what was found')),
      CtxcbSubLabel: optional(text('the same, more closely')),
      CtxcbSubLabelDesc: optional(text('the same in words for people')),
      CtxcbLibName: optional(text('the list of words that it was found with')),
      CloudCustomData: optional(CloudCustomData)
    })
  })
}
