import { command } from '../command-entry.ts'
import { account, common, integer, list, object, optional, read, text } from '../fields.ts'

export const pushCommands = {
  'Push.AllMemberPush': command({
    title: 'All-user / tag / UserID push result',
    documentation: 'https://trtc.io/document/67551',
    orderingKey: ['Events.0.To_Account'],
    eventTime: { field: 'Events.0.EventTime', unit: 's' },
    body: object({
      ...common,
      Events: read(list(object({
        CallbackCommand: text(),
        EventType: integer('1 offline push, 2 online push'),
        TaskId: text(),
        DataId: optional(text()),
        TaskTime: integer('s since 1970'),
        EventTime: integer('s since 1970'),
        To_Account: account(),
        PushPlatform: optional(integer('of offline pushes: the vendor, 0 to 8')),
        DeviceType: optional(integer('of online pushes')),
        PushStage: integer('1 sent, 2 reached, 3 clicked'),
        ErrCode: integer(),
        ErrInfo: optional(text('may be empty'))
      }), '1 to 100'))
    })
  }),
  'Push.OfflinePush': command({
    title: 'Offline push result of ordinary messages',
    documentation: 'https://trtc.io/document/67552',
    orderingKey: ['Events.0.To_Account'],
    eventTime: { field: 'Events.0.EventTime', unit: 's' },
    body: object({
      ...common,
      Events: read(list(object({
        CallbackCommand: text(),
        EventType: integer('1 one-to-one, 2 group'),
        EventTime: integer('s since 1970'),
        From_Account: account(),
        To_Account: account(),
        PushPlatform: integer(),
        PushStage: integer(),
        MsgKey: optional(text('of one-to-one messages')),
        GroupID: optional(text('of group messages')),
        MsgSeq: integer(),
        MsgRandom: integer(),
        MsgTime: integer('s since 1970'),
        PushID: text(),
        ErrCode: integer(),
        ErrInfo: optional(text())
      }), '1 to 100'))
    })
  })
}
