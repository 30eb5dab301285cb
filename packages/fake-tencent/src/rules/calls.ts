import { tinyIdFrom } from '../ids.ts'
import { base64From } from '../words.ts'
import type { Scene } from '../scene.ts'
import { oneOf, varied, type Rules } from './rule.ts'

const result = (scene: Scene) => scene.chosen('CallResult', 'NotAnswer', 'NormalEnd', 'Cancel', 'Reject', 'CallBusy', 'Interrupt', 'Offline')

/** How long it rang and was talked, in s: its times tell one story. */
const ringing = 12
const talking = (scene: Scene) => result(scene) === 'NormalEnd' || result(scene) === 'Interrupt' ? Number(scene.chosen('talking', '150', '3', '7200')) : 0

export const callRules: Rules = {
  CallId: scene => scene.call.id,
  CallMediaType: scene => scene.call.media,
  MediaType: scene => scene.call.media,
  ChatGroupId: scene => scene.call.group?.id ?? '',
  'Call.CallbackAfterStartCall RoomId': scene => scene.call.roomId,
  'Call.CallbackAfterEndCall RoomId': scene => scene.call.roomId,
  RoomIdType: scene => scene.call.roomIdType,
  'Call.CallbackAfterStartCall Status': oneOf('Calling', 'Waiting'),
  'Call.CallbackAfterMemberChanged Status': oneOf('Calling', 'Waiting'),
  ActionType: oneOf('Answer', 'Accept', 'Reject', 'NotAnswer', 'Hangup', 'Join', 'Offline', 'Invite', 'Cancel_Invite'),

  Caller_Account: scene => scene.call.caller,
  CalleeList_Account: scene => scene.call.callees,
  CallType: scene => scene.call.callees.length > 1 ? 'MultiCall' : 'SingleCall',
  CallResult: result,
  'Call.CallbackAfterEndCall EndTime': scene => scene.seconds,
  AcceptTime: scene => talking(scene) === 0 ? 0 : scene.seconds - talking(scene),
  'Call.CallbackAfterEndCall StartTime': scene => scene.seconds - talking(scene) - ringing,

  // Cloud recording, of calls and of live rooms.
  EventGroupId: () => 3,
  'Call.CallbackAfterRecordChanged EventType': oneOf(301, 305, 309),
  'Follow.CallbackAfterCloudRecordingChanged EventType': oneOf(305, 301, 309, 310),
  CallbackTs: ({ setting }) => setting.now,
  EventTs: ({ seconds }) => seconds,
  EventMsTs: ({ setting }) => setting.now - 14,
  'Call.CallbackAfterRecordChanged RoomId': scene => scene.call.roomId,
  'Call.CallbackAfterRecordChanged UserId': scene => `callkit_${scene.setting.appId}_record_${scene.call.roomId}`,
  'Follow.CallbackAfterCloudRecordingChanged UserId': scene => scene.actor,
  'Call.CallbackAfterRecordChanged TaskId': varied(({ random }) => `-${base64From(random).replaceAll('/', '-')}.`),
  'Follow.CallbackAfterCloudRecordingChanged TaskId': varied(({ random }) => `-${tinyIdFrom(random)}***${base64From(random)}`),
  'Call.CallbackAfterRecordChanged Status': oneOf(0, 1),
  'Follow.CallbackAfterCloudRecordingChanged Status': oneOf(0, 1),
  KitType: oneOf(2, 1)
}
