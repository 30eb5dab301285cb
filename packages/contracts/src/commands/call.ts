import { command } from '../command-entry.ts'
import { account, cloudRecording, common, integer, list, loose, text } from '../fields.ts'

const CallId = text('the call')
const RoomId = text('the room of the call')
const RoomIdType = integer('1 number, 2 text')
const MediaType = 'Video or Audio'

export const callCommands = {
  'Call.CallbackAfterStartCall': command({
    title: 'After a call starts',
    documentation: 'https://www.tencentcloud.com/document/product/647/68941',
    orderingKey: ['CallInfo.CallId'],
    body: loose({
      ...common,
      CallInfo: loose({
        CallId,
        CallMediaType: text(`${MediaType}; the table calls it MediaType`),
        ChatGroupId: text('the group that calls; may be empty'),
        RoomId,
        RoomIdType
      }, 'the call'),
      UserList: list(loose({ User_Account: account('the example has a number, too large for JavaScript'), Status: text('Calling or Waiting') }), 'who takes part')
    })
  }),
  'Call.CallbackAfterEndCall': command({
    title: 'After a call ends',
    documentation: 'https://www.tencentcloud.com/document/product/647/68940',
    orderingKey: ['CallRecord.CallId'],
    body: loose({
      ...common,
      CallRecord: loose({
        CallId,
        Caller_Account: account('who called'),
        MediaType: text(MediaType),
        CallType: text('SingleCall or MultiCall'),
        StartTime: integer('s since 1970'),
        EndTime: integer('s since 1970'),
        AcceptTime: integer('s since 1970; 0 where nobody answered'),
        CallResult: text('Cancel, Reject, NotAnswer, NormalEnd, CallBusy, Interrupt or Offline'),
        CalleeList_Account: list(account(), 'who was called'),
        RoomId,
        RoomIdType
      }, 'the call')
    })
  }),
  'Call.CallbackAfterMemberChanged': command({
    title: 'After call members changed',
    documentation: 'https://www.tencentcloud.com/document/product/647/69215',
    orderingKey: ['CallId'],
    body: loose({
      ...common,
      CallId,
      UserList: list(loose({ User_Account: account(), Status: text('Calling or Waiting') }), 'who takes part now'),
      ChangedUserList: list(loose({
        User_Account: account(),
        ActionType: text('Answer or Accept, Reject, NotAnswer, Hangup, Join, Offline, Invite, Cancel_Invite; the documentation spells them differently in places')
      }), 'who has changed')
    })
  }),
  'Call.CallbackAfterRecordChanged': command({
    title: 'After a call recording task changed state',
    documentation: 'https://trtc.io/document/80345',
    remark: 'Wraps a callback of cloud recording, as `Follow.CallbackAfterCloudRecordingChanged` has it of live rooms.',
    orderingKey: ['CallId'],
    body: loose({ ...common, CallId, Callback: loose({ ...cloudRecording, KitType: integer('2 in the example') }, 'the callback of cloud recording') })
  })
}
