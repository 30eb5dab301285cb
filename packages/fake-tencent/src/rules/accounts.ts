import { administrator } from '../scene.ts'
import type { Rule, Rules } from './rule.ts'

/** Several accounts as a list of text. */
const accounts = (list: string): Rule => (scene, shown) => [...scene.people.slice(0, scene.lengthOf(list, Array.isArray(shown) ? shown.length : 1))]

const sender: Rule = scene => scene.byServer && scene.random.chance(0.3) ? '@TLS#NOT_FOUND' : scene.actor

export const accountRules: Rules = {
  Operator_Account: scene => scene.operator,
  Owner_Account: scene => scene.owner,
  From_Account: scene => scene.actor,
  To_Account: scene => scene.person,
  Report_Account: scene => scene.actor,
  Peer_Account: scene => scene.person,
  Member_Account: scene => scene.person,
  Subscriber_Account: scene => scene.person,
  User_Account: scene => scene.person,
  Requestor_Account: scene => scene.person,
  Requester_Account: scene => scene.actor,
  Initiator_Account: scene => scene.actor,
  Official_Account: scene => scene.official.id,
  MemberList_Account: accounts('MemberList_Account'),
  ScheduleInviteeList_Account: accounts('ScheduleInviteeList_Account'),
  AtRobots_Account: scene => [...scene.setting.world.robots],

  // The server of an app may send without a sender.
  'Group.CallbackBeforeSendMsg From_Account': sender,
  'Group.CallbackAfterSendMsg From_Account': sender,
  'Group.CallbackSendMsgException From_Account': sender,

  // What the peer sent is what was read.
  'C2C.CallbackAfterMsgReadReceipt From_Account': scene => scene.person,
  'C2C.CallbackAfterMsgReadReceipt To_Account': scene => scene.actor,

  'Bot.OnC2CMessage To_Account': scene => scene.setting.plain ? '@RBT#001' : scene.random.pick(scene.setting.world.robots),
  'Chatbot.OnC2CSignalMessage To_Account': scene => scene.setting.plain ? '@RBT#001' : scene.random.pick(scene.setting.world.robots),
  'Follow.CallbackAfterFollowDelete To_Account': accounts('To_Account'),
  'Live.CallbackBeforeSendGift To_Account': accounts('To_Account'),
  'Sns.CallbackFriendAdd Admin_Account': scene => scene.byServer ? administrator : '',
  'Live.CallbackAfterModifyAdmin Admin_Account': accounts('Admin_Account'),

  // The mainland edition names the member one way, the international one the other.
  'Group.CallbackAfterMemberFieldChanged Modified_Account': scene => scene.chosen('edition', 'international', 'mainland') === 'mainland' ? scene.person : undefined,
  'Group.CallbackAfterMemberFieldChanged Member_Account': scene => scene.chosen('edition', 'international', 'mainland') === 'international' ? scene.person : undefined,

  OldOwner_Account: scene => scene.group.owner,
  NewOwner_Account: scene => scene.person,
  OriginalOwner_Account: scene => scene.room.owner,
  CurrentOwner_Account: scene => scene.person,
  'Mic.CallbackAfterSeatInfoChanged Member_Account': scene => !scene.setting.plain && scene.random.chance(0.3) ? undefined : scene.person
}
