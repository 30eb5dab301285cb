import { customDataFrom, nameFrom, sentenceFrom, urlFrom } from '../words.ts'
import { chosen, oneOf, varied, type Rule, type Rules } from './rule.ts'
import type { Scene } from '../scene.ts'
import { groupTypes } from '../world.ts'

/** Custom fields: text as a rule, but by the documentation whatever the app stores, even a number that JavaScript cannot hold. */
const customFields: Rule = varied(({ random }) => Array.from({ length: random.between(1, 10) }, (_, at) => ({
  Key: random.pick([`UserDefined${at}`, `字段${at}`, `k_${at}.x`]),
  Value: random.pick([customDataFrom(random), customDataFrom(random), nameFrom(random), 144115212830834855n, 18446744073709551615n, { level: random.between(1, 99), tags: [nameFrom(random)] }])
})))

/** The name that something has; it gets it where it is made, and a new one where it changes. */
const named = (thing: (scene: Scene) => { name: string }): Rule => (scene, shown) => {
  const { plain, command } = scene.setting
  if (plain && typeof shown === 'string' && /Create|Changed/.test(command)) thing(scene).name = shown
  else if (command.includes('Changed')) thing(scene).name = nameFrom(scene.random)
  return thing(scene).name
}

const attributes: Rule = (scene, shown) => {
  if (scene.setting.plain) return shown
  const option = scene.chosen('OptionType', 'set', 'modify', 'delete', 'clear')
  if (option === 'clear') return scene.random.chance(0.5) ? [] : undefined
  return Array.from({ length: scene.random.between(1, 16) }, (_, at) => ({ key: `key${at}`, ...option === 'delete' ? {} : { value: customDataFrom(scene.random) } }))
}

export const groupRules: Rules = {
  GroupId: scene => scene.group.id,
  TopicId: scene => scene.topic?.id,
  Type: scene => scene.group.type,
  Name: varied(({ random }) => nameFrom(random)),
  'Group.CallbackAfterCreateGroup Name': named(scene => scene.group),
  'Group.CallbackAfterGroupDestroyed Name': scene => scene.group.name,
  'Group.CallbackAfterGroupInfoChanged Name': named(scene => scene.group),
  'Group.CallbackAfterCreateTopic Name': named(scene => scene.topic ?? scene.group),
  'Group.CallbackAfterTopicInfoChanged Name': named(scene => scene.topic ?? scene.group),
  'OfficialAccount.CallbackAfterCreateOfficialAccount Name': named(scene => scene.official),
  'OfficialAccount.CallbackAfterOfficialAccountInfoChanged Name': named(scene => scene.official),
  'OfficialAccount.CallbackAfterOfficialAccountDestroyed Name': scene => scene.official.name,

  // Of communities no members are told.
  'Group.CallbackAfterGroupDestroyed MemberList': scene => scene.group.type === 'Community' ? undefined : scene.people.map(account => ({ Member_Account: account })),
  UserDefinedDataList: customFields,
  CreateGroupNum: varied(({ random }) => random.between(0, 500)),
  CreatedGroupNum: ({ random }) => Object.fromEntries(random.shuffled(groupTypes).slice(0, 3).map(type => [type, random.between(0, 99)])),
  InviteOption: oneOf('NeedPermission', 'DisableInvite', 'FreeAccess'),
  JoinType: scene => scene.join,
  ExitType: scene => scene.exit,
  Introduction: varied(({ random }) => sentenceFrom(random).slice(0, 80)),
  Notification: varied(({ random }) => sentenceFrom(random).slice(0, 100)),
  FaceUrl: varied(({ random }) => urlFrom(random, 'png')),
  Organization: varied(({ random }) => nameFrom(random)),
  ShutUpAllMember: oneOf('On', 'Off'),
  ApplyJoinOption: oneOf('FreeAccess', 'NeedPermission', 'DisableApply'),
  Role: oneOf('Admin', 'Member'),
  NameCard: varied(({ random }) => nameFrom(random)),
  OptionType: chosen('OptionType', 'set', 'modify', 'delete', 'clear'),
  GroupAttr: attributes,
  Quota: varied(() => 10_000),
  QuotaUsed: varied(({ random }) => random.between(7_000, 10_000)),

  // The documentation tells two causes of each; the newer one has Join and Quit too.
  'Group.CallbackOnMemberStateChange EventType': scene => scene.chosen('state', 'Offline HeartbeatInterrupt', 'Online HeartbeatRecover', 'Online Join', 'Offline Quit').split(' ')[0],
  'Group.CallbackOnMemberStateChange EventCause': scene => scene.chosen('state', 'Offline HeartbeatInterrupt', 'Online HeartbeatRecover', 'Online Join', 'Offline Quit').split(' ')[1],

  TopicIdList: (scene, shown) => {
    const { plain, command } = scene.setting
    const count = plain && Array.isArray(shown) ? shown.length : scene.random.between(1, 3)
    const ids = Array.from({ length: count }, () => scene.group.topics.about(command).id)
    return !plain && ids.length === 1 && scene.random.chance(0.2) ? ids[0] : ids // one edition of its table says String
  }
}
