import type { JsonObject } from '../json.ts'
import type { Scene } from '../scene.ts'
import { customDataFrom, nameFrom, sentenceFrom, urlFrom } from '../words.ts'
import { oneOf, varied, type Rules } from './rule.ts'

/** Action and reason of a change of state belong together. */
export const stateChange = (scene: Scene): readonly string[] =>
  scene.chosen('state', 'Login Register', 'Logout Unregister', 'Disconnect LinkClose', 'Disconnect TimeOut').split(' ')

/** Parts of a profile; some are numbers. */
const profileItems = ({ random }: Scene): JsonObject[] => random.shuffled([
  { Tag: 'Tag_Profile_IM_Nick', Value: nameFrom(random) },
  { Tag: 'Tag_Profile_IM_Gender', Value: random.pick(['Gender_Type_Male', 'Gender_Type_Female', 'Gender_Type_Unknown']) },
  { Tag: 'Tag_Profile_IM_BirthDay', Value: 19_940_410 },
  { Tag: 'Tag_Profile_IM_SelfSignature', Value: sentenceFrom(random).slice(0, 166) },
  { Tag: 'Tag_Profile_IM_AllowType', Value: 'AllowType_Type_NeedConfirm' },
  { Tag: 'Tag_Profile_IM_Image', Value: urlFrom(random, 'jpg') },
  { Tag: 'Tag_Profile_IM_Level', Value: random.uint32() },
  { Tag: 'Tag_Profile_Custom_Data', Value: customDataFrom(random) }
]).slice(0, random.between(1, 8))

export const peopleRules: Rules = {
  Action: scene => stateChange(scene)[0],
  'State.StateChange Reason': scene => stateChange(scene)[1],
  Info: scene => ({ Action: stateChange(scene)[0] ?? '', To_Account: scene.actor, Reason: stateChange(scene)[1] ?? '' }),
  KickedDevice: varied(scene => stateChange(scene)[0] !== 'Login' ? undefined : scene.random.shuffled(['iOS', 'Android', 'Web', 'Windows', 'iPad', 'Mac', 'Linux']).slice(0, scene.random.between(1, 3)).map(Platform => ({ Platform }))),

  ProfileItem: varied(profileItems),

  Remark: varied(({ random }) => nameFrom(random)),
  GroupName: varied(({ random }) => nameFrom(random)),
  TagName: varied(({ random }) => nameFrom(random)),
  AddSource: oneOf('AddSource_Type_Android', 'AddSource_Type_iOS', 'AddSource_Type_Web'),
  AddWording: varied(({ random }) => sentenceFrom(random)),
  AddType: oneOf('Add_Type_Both', 'Add_Type_Single'),
  ForceAddFlags: oneOf(0, 1),
  ForceFlag: oneOf(1, 0),
  ClientCmd: oneOf('friend_add', 'FriendAdd', 'friend_response', 'FriendResponse'),
  ResponseAction: oneOf('Response_Action_AgreeAndAdd', 'Response_Action_Agree', 'Response_Action_Reject'),

  // The REST API and how often it was asked.
  ServiceName: oneOf('openim', 'group_open_http_svc', 'sns'),
  Command: oneOf('batchsendmsg', 'send_group_msg', 'friend_add'),
  Limit: oneOf(200, 100),
  Request: varied(({ random }) => random.between(201, 5_000))
}
