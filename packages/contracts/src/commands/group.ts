import { Type } from '@sinclair/typebox'
import { command } from '../command-entry.ts'
import { GroupId, UserDefinedDataList, account, common, integer, list, object, optional, read, text } from '../fields.ts'

export const groupCommands = {
  'Group.CallbackBeforeCreateGroup': command({
    title: 'Before a group is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34368',
    orderingKey: ['Operator_Account'],
    body: object({
      ...common,
      Operator_Account: read(account('who asks for it')),
      Owner_Account: account('the owner to be; may be empty where the system creates it'),
      Type: text('group type; an open set'),
      Name: text(),
      CreateGroupNum: optional(integer('groups of this type that the user has created; gone from the documentation since 2025')),
      CreatedGroupNum: optional(Type.Record(Type.String(), Type.Integer(), { description: 'by type, groups that the user has created; known from one SDK only' })),
      InviteOption: optional(text('undocumented, but seen: DisableInvite or NeedPermission')),
      MemberList: list(object({ Member_Account: account() }), 'the first members')
    })
  }),
  'Group.CallbackAfterCreateGroup': command({
    title: 'After a group is created',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34369',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Operator_Account: account('who created it'),
      Owner_Account: read(account()),
      Type: read(text('group type; an open set')),
      Name: read(text()),
      MemberList: optional(read(list(object({ Member_Account: read(account()) }), 'the first members; may contain the owner'))),
      UserDefinedDataList: optional(UserDefinedDataList),
      InviteOption: optional(text('undocumented, but seen in 2023: NeedPermission'))
    })
  }),
  'Group.CallbackBeforeApplyJoinGroup': command({
    title: 'Before applying to join a group',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34370',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      Requestor_Account: account('who applies; spelled so here only')
    })
  }),
  'Group.CallbackBeforeInviteJoinGroup': command({
    title: 'Before inviting users to a group',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34371',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      Operator_Account: account('who invites'),
      DestinationMembers: list(object({ Member_Account: account() }))
    })
  }),
  'Group.CallbackAfterNewMemberJoin': command({
    title: 'After a user joins a group',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34372',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      JoinType: text('Apply or Invited'),
      Operator_Account: account(),
      NewMemberList: list(object({ Member_Account: account() }))
    })
  }),
  'Group.CallbackAfterMemberExit': command({
    title: 'After a user leaves a group',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34373',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      ExitType: text('Kicked or Quit'),
      Operator_Account: account('who left, or who removed the members'),
      ExitMemberList: list(object({ Member_Account: account() }))
    })
  }),
  'Group.CallbackAfterGroupFull': command({
    title: 'After a group is full',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34376',
    orderingKey: ['GroupId'],
    body: object({ ...common, GroupId })
  }),
  'Group.CallbackAfterGroupDestroyed': command({
    title: 'After a group is disbanded',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34377',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      Owner_Account: account('may be empty where the owner has left'),
      Name: optional(text('in every example, though not in the table')),
      MemberList: optional(list(object({ Member_Account: optional(account()) }), 'not of communities'))
    })
  }),
  'Group.CallbackAfterGroupInfoChanged': command({
    title: 'After the group profile is modified',
    documentation: 'https://www.tencentcloud.com/document/product/1047/34378',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      Operator_Account: account(),
      Name: optional(text('where it changed')),
      Introduction: optional(text('where it changed')),
      Notification: optional(text('where it changed')),
      FaceUrl: optional(text('where it changed')),
      ShutUpAllMember: optional(text('undocumented: On or Off')),
      ApplyJoinOption: optional(text('undocumented'))
    })
  }),
  'Group.CallbackOnMemberStateChange': command({
    title: 'Audio-video group member online/offline',
    documentation: 'https://www.tencentcloud.com/document/product/1047/48734',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: optional(text('AVChatRoom; not in the table')),
      EventType: text('Offline or Online'),
      EventCause: optional(text('HeartbeatInterrupt, HeartbeatRecover, Join or Quit')),
      MemberList: list(object({ Member_Account: account() }))
    })
  }),
  'Group.CallbackAfterMemberFieldChanged': command({
    title: 'After a group member profile changed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60393',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      Operator_Account: account(),
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
      Type: text('group type; an open set'),
      Operator_Account: account(),
      OptionType: text('set, modify, delete or clear'),
      GroupAttr: optional(list(object({ key: optional(text('in lower case')), value: optional(text('in lower case')) })))
    })
  }),
  'Group.CallbackAfterChangeGroupOwner': command({
    title: 'After the group owner changed',
    documentation: 'https://www.tencentcloud.com/document/product/1047/60396',
    orderingKey: ['GroupId'],
    body: object({
      ...common,
      GroupId,
      Type: text('group type; an open set'),
      Operator_Account: account(),
      OldOwner_Account: account(),
      NewOwner_Account: account()
    })
  }),
  'Group.CallbackOnDailyGroupQuotaAlarm': command({
    title: 'Daily net group growth threshold alarm',
    documentation: 'https://www.tencentcloud.com/document/product/1047/57455',
    body: object({ ...common, QuotaUsed: integer(), Quota: integer() })
  })
}
