import { command } from '../command-entry.ts'
import { MsgTime, account, common, integer, list, object, optional, read, text } from '../fields.ts'

const PushStage = integer('1 sent, 2 reached, 3 clicked')
const ErrCode = integer('0 where it went well; not called ErrorCode here')
const ErrInfo = text('the same in words; may be empty')
const EventTime = integer('when it happened, in s since 1970')
const receiver = { To_Account: account('who got the push') }
const remark = 'One callback holds up to 100 results, which may belong to different users: its ordering key and time are those of the first. Times are in s. ' +
  'The command stands in each result and in the query, not beside `Events`. Beyond 1,000 callbacks a second Tencent sends them later.'

export const pushCommands = {
  'Push.AllMemberPush': command({
    title: 'After pushes to all users, to tags or to UserIDs',
    documentation: 'https://trtc.io/document/67551',
    remark,
    orderingKey: ['Events.0.To_Account'],
    eventTime: { field: 'Events.0.EventTime', unit: 's' },
    body: object({
      ...common,
      Events: read(list(object({
        CallbackCommand: text('the command'),
        EventType: integer('1 offline push, 2 online push'),
        TaskId: text('id of the push'),
        DataId: optional(text('id that the app gave the push')),
        TaskTime: integer('when the push was ordered, in s since 1970'),
        EventTime,
        ...receiver,
        PushPlatform: optional(integer('of offline pushes: the vendor, 0 to 8')),
        DeviceType: optional(integer('of online pushes: the device')),
        PushStage,
        ErrCode,
        ErrInfo: optional(ErrInfo)
      }), '1 to 100 results'))
    })
  }),
  'Push.OfflinePush': command({
    title: 'After offline pushes of ordinary messages',
    documentation: 'https://trtc.io/document/67552',
    remark,
    orderingKey: ['Events.0.To_Account'],
    eventTime: { field: 'Events.0.EventTime', unit: 's' },
    body: object({
      ...common,
      Events: read(list(object({
        CallbackCommand: text('the command'),
        EventType: integer('1 one-to-one, 2 group'),
        EventTime,
        From_Account: account('the sender of the message'),
        ...receiver,
        PushPlatform: integer('the vendor'),
        PushStage,
        MsgKey: optional(text('of one-to-one messages: MsgSeq_MsgRandom_MsgTime')),
        GroupID: optional(text('of group messages: the group; called GroupId elsewhere')),
        MsgSeq: integer('number of the message'),
        MsgRandom: integer('random number of the message'),
        MsgTime,
        PushID: text('id of the push'),
        ErrCode,
        ErrInfo: optional(ErrInfo)
      }), '1 to 100 results'))
    })
  })
}
