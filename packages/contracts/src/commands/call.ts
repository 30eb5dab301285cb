import { command } from '../command-entry.ts'
import { account, common, integer, list, loose, text } from '../fields.ts'

export const callCommands = {
  'Call.CallbackAfterStartCall': command({
    title: 'After a call starts',
    documentation: 'https://www.tencentcloud.com/document/product/647/68941',
    orderingKey: ['CallInfo.CallId'],
    body: loose({
      ...common,
      CallInfo: loose({
        CallId: text(),
        CallMediaType: text('Video or Audio; the table calls it MediaType'),
        ChatGroupId: text(),
        RoomId: text(),
        RoomIdType: integer('1 numeric, 2 string')
      }),
      UserList: list(loose({ User_Account: account('the example has a number'), Status: text('Calling or Waiting') }))
    })
  }),
  'Call.CallbackAfterEndCall': command({
    title: 'After a call ends',
    documentation: 'https://www.tencentcloud.com/document/product/647/68940',
    orderingKey: ['CallRecord.CallId'],
    body: loose({
      ...common,
      CallRecord: loose({
        CallId: text(),
        Caller_Account: account(),
        MediaType: text(),
        CallType: text('SingleCall or MultiCall'),
        StartTime: integer('s since 1970'),
        EndTime: integer('s since 1970'),
        AcceptTime: integer('s since 1970; 0 where nobody answered'),
        CallResult: text('Cancel, Reject, NotAnswer, NormalEnd, CallBusy, Interrupt, Offline'),
        CalleeList_Account: list(account()),
        RoomId: text(),
        RoomIdType: integer()
      })
    })
  }),
  'Call.CallbackAfterMemberChanged': command({
    title: 'After call members changed',
    documentation: 'https://www.tencentcloud.com/document/product/647/69215',
    orderingKey: ['CallId'],
    body: loose({
      ...common,
      CallId: text(),
      UserList: list(loose({ User_Account: account(), Status: text() })),
      ChangedUserList: list(loose({
        User_Account: account(),
        ActionType: text('Answer/Accept, Reject, NotAnswer, Hangup, Join, Offline, Invite, Cancel_Invite')
      }))
    })
  }),
  'Call.CallbackAfterRecordChanged': command({
    title: 'After a call recording task changed state',
    documentation: 'https://trtc.io/document/80345',
    orderingKey: ['CallId'],
    body: loose({
      ...common,
      CallId: text(),
      Callback: loose({
        EventGroupId: integer('3 for cloud recording'),
        EventType: integer('as in the callbacks of cloud recording: 301 for the start, 305 ...'),
        CallbackTs: integer('ms'),
        EventInfo: loose({
          RoomId: text(),
          EventTs: integer('s since 1970'),
          EventMsTs: integer('ms'),
          UserId: text('recording bot user'),
          TaskId: text(),
          Payload: loose({ Status: integer() })
        }),
        KitType: integer()
      })
    })
  })
}
