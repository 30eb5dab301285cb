import { Type } from '@sinclair/typebox'
import { command } from '../command-entry.ts'
import { GroupId, GroupType, UserDefinedDataList, account, common, integer, list, object, optional, read, text } from '../fields.ts'

export const groupCommands = {
  'Group.CallbackBeforeCreateGroup': command({
    title: 'Before a group is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34368',
    remark: 'There is no `GroupId` yet. Switched on together with `Group.CallbackBeforeCreateTopic`.',
    orderingKey: ['Operator_Account'],
    body: object({
      ...common,
      Operator_Account: read(account('who asks for it')),
      Owner_Account: account('the owner to be; may be empty where the system creates it'),
      Type: GroupType,
      Name: text('name of the group'),
      CreateGroupNum: optional(integer('groups of this type that the user has created; gone from the documentation since 2025')),
      CreatedGroupNum: optional(Type.Record(Type.String(), Type.Integer(), { description: 'by type, groups that the user has created; known from one SDK only' })),
      InviteOption: optional(text('undocumented, but seen: DisableInvite or NeedPermission')),
      MemberList: list(object({ Member_Account: account() }), 'the first members')
    })
  }),
  'Group.CallbackAfterCreateGroup': command({
    title: 'After a group is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34369',
    remark: 'No `Group.CallbackAfterNewMemberJoin` comes for the first members. For a community it comes 3 s late. Switched on together with `Group.CallbackAfterCreateTopic`.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Operator_Account: account('who created it'),
      Owner_Account: read(account('the owner; may be empty')),
      Type: read(GroupType),
      Name: read(text('name of the group')),
      MemberList: optional(read(list(object({ Member_Account: read(account()) }), 'the first members; may contain the owner'))),
      UserDefinedDataList: optional(UserDefinedDataList),
      InviteOption: optional(text('undocumented, but seen in 2023: NeedPermission'))
    })
  }),
  'Group.CallbackBeforeApplyJoinGroup': command({
    title: 'Before applying to join a group',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34370',
    remark: 'Comes for requests of clients only. Where the group wants its administrators to approve, they are asked all the same.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      Requestor_Account: account('who applies; spelled so here only')
    })
  }),
  'Group.CallbackBeforeInviteJoinGroup': command({
    title: 'Before inviting users to a group',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34371',
    remark: 'Comes for invitations by clients and by the REST API (`add_group_member`).',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      Operator_Account: account('who invites'),
      DestinationMembers: list(object({ Member_Account: account() }), 'who is invited')
    })
  }),
  'Group.CallbackAfterNewMemberJoin': command({
    title: 'After a user joins a group',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34372',
    remark: 'Comes for approved requests, for invitations and for the REST API (`add_group_member`), not for the first members of a new group.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      JoinType: text('Apply or Invited'),
      Operator_Account: account('who joined, or who invited the members'),
      NewMemberList: list(object({ Member_Account: account() }), 'who joined')
    })
  }),
  'Group.CallbackAfterMemberExit': command({
    title: 'After a user leaves a group',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34373',
    remark: 'Does not come where a group is disbanded: see `Group.CallbackAfterGroupDestroyed`.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      ExitType: text('Kicked or Quit'),
      Operator_Account: account('who left, or who removed the members'),
      ExitMemberList: list(object({ Member_Account: account() }), 'who left or was removed')
    })
  }),
  'Group.CallbackAfterGroupFull': command({
    title: 'After a group is full',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34376',
    remark: 'Comes again whenever somebody cannot join because the group is full.',
    orderingKey: ['GroupId'],
    body: object({ ...common, GroupId })
  }),
  'Group.CallbackAfterGroupDestroyed': command({
    title: 'After a group is disbanded',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34377',
    remark: 'Does not tell who did it. Switched on together with `Group.CallbackAfterTopicDestroyed`.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      Owner_Account: account('may be empty where the owner has left'),
      Name: optional(text('name of the group: in every example, though not in the table')),
      MemberList: optional(list(object({ Member_Account: optional(account()) }), 'the members it had; not of communities'))
    })
  }),
  'Group.CallbackAfterGroupInfoChanged': command({
    title: 'After the group profile is modified',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34378',
    remark: 'Name, introduction, notification and picture bring it, and only what has changed is there. Switched on together with `Group.CallbackAfterTopicInfoChanged`.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      Operator_Account: account('who changed it'),
      Name: optional(text('where it changed')),
      Introduction: optional(text('where it changed')),
      Notification: optional(text('where it changed')),
      FaceUrl: optional(text('where it changed')),
      ShutUpAllMember: optional(text('undocumented: On or Off')),
      ApplyJoinOption: optional(text('undocumented'))
    })
  }),
  'Group.CallbackOnMemberStateChange': command({
    title: 'After members of an audio-video group come online or go offline',
    documentation: 'https://www.tencentcloud.com/document/product/1047/48734',
    remark: 'Of AVChatRoom groups only, where the list of their online members is switched on in the console.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: optional(text('AVChatRoom; not in the table')),
      EventType: text('Offline or Online'),
      EventCause: optional(text('HeartbeatInterrupt, HeartbeatRecover, Join or Quit')),
      MemberList: list(object({ Member_Account: account() }), 'whose state changed')
    })
  }),
  'Group.CallbackAfterMemberFieldChanged': command({
    title: 'After a group member profile changed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60393',
    remark: 'The member stands in `Modified_Account` or in `Member_Account`: the editions of the documentation disagree.',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      Operator_Account: account('who changed it'),
      Modified_Account: optional(account('the member, as the mainland edition calls it')),
      Member_Account: optional(account('the member, as the international edition calls it')),
      Role: optional(text('Admin or Member, where it changed')),
      NameCard: optional(text('where it changed'))
    })
  }),
  'Group.CallbackAfterGroupAttrChanged': command({
    title: 'After group attributes changed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60394',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      Operator_Account: account('who changed them'),
      OptionType: text('set, modify, delete or clear'),
      GroupAttr: optional(list(object({ key: optional(text('spelled in lower case')), value: optional(text('spelled in lower case')) }), 'the attributes'))
    })
  }),
  'Group.CallbackAfterChangeGroupOwner': command({
    title: 'After the group owner changed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60396',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: GroupType,
      Operator_Account: account('who changed it'),
      OldOwner_Account: account('the owner before'),
      NewOwner_Account: account('the owner now')
    })
  }),
  'Group.CallbackOnDailyGroupQuotaAlarm': command({
    title: 'When the new groups of a day near their limit',
    documentation: 'https://www.tencentcloud.com/document/product/1047/57455',
    remark: "Comes after a group was created, once the groups created less those disbanded exceed 70 % of the day's limit.",
    body: object({ ...common, QuotaUsed: integer('groups created less groups disbanded, today'), Quota: integer('the limit of a day') })
  })
}
