import { customDataFrom, nameFrom, urlFrom } from '../words.ts'
import type { Scene } from '../scene.ts'
import { oneOf, varied, type Rules } from './rule.ts'

const kind = (scene: Scene) => /^(?:Room|Mic)\./.test(scene.setting.command) ? 'Meeting' : 'Live'

const leaving = (scene: Scene) => scene.chosen('Type', 'Leave', 'Kicked', 'Expired')

const presence = (scene: Scene) =>
  scene.chosen('state', 'Online Enter', 'Offline Leave', 'Offline HeartbeatInterrupt', 'Online HeartbeatRecover', 'Offline Kicked').split(' ')

/** When a battle that ends now was asked for, in s since 1970. */
const asked = (scene: Scene) => scene.seconds - (scene.setting.command === 'Live.CallbackAfterEndBattle' ? scene.battle.duration / 1_000 : 0)

export const roomRules: Rules = {
  RoomId: scene => scene.room.id,
  RoomName: (scene, shown) => {
    const { plain, command } = scene.setting
    if (plain && typeof shown === 'string') scene.room.name = shown
    else if (command.includes('Update')) scene.room.name = nameFrom(scene.random)
    return scene.room.name
  },
  RoomType: kind,
  MaxMemberCount: varied(({ random }) => random.pick([10, 300, 400, 100_000])),
  MaxSeatCount: varied(({ random }) => random.pick([4, 16, 20])),
  CustomInfo: varied(({ random }) => customDataFrom(random)),
  ScheduleStartTime: ({ seconds }) => seconds,
  ScheduleEndTime: ({ seconds }) => seconds + 3_600,
  RoomStatus: oneOf('Running', 'None', 'NotStarted'),
  TakeSeatMode: oneOf('ApplyToTake', 'FreeToTake', 'None'),
  CreateTime: ({ seconds }) => seconds,
  CoverURL: varied(({ random }) => urlFrom(random, 'png')),
  BackgroundURL: varied(({ random }) => urlFrom(random, 'webp')),
  Category: varied(({ random }) => Array.from({ length: random.between(0, 3) }, () => random.between(1, 30))),
  ActivityStatus: varied(({ random }) => random.between(0, 9)),
  ViewCount: varied(({ random }) => random.uint32()),
  TotalGiftCoins: varied(({ random }) => random.pick([0, random.uint32(), 9007199254740993n])),

  'Room.CallbackAfterMemberEnter Type': () => 'Enter',
  'Room.CallbackAfterMemberLeave Type': leaving,
  'Room.CallbackAfterMemberLeave Reason': varied(scene => leaving(scene) === 'Leave' ? undefined : nameFrom(scene.random)),
  MemberCount: varied(({ random }) => random.between(1, 300)),
  Index: varied(({ random }) => random.between(0, 15)),

  'Live.CallbackAfterDestroyRoom EventType': scene => scene.destroyed,
  'Live.CallbackAfterMemberStateChanged EventType': scene => presence(scene)[0],
  'Live.CallbackAfterMemberStateChanged EventCause': scene => presence(scene)[1],
  Metadata: varied(({ random }) => Array.from({ length: random.between(1, 10) }, (_, at) => ({ Key: `key${at}`, Value: customDataFrom(random) }))),
  Keys: varied(({ random }) => Array.from({ length: random.between(1, 10) }, (_, at) => `key${at}`)),
  MaxRoomCount: varied(() => 500),
  CurRoomCount: varied(({ random }) => random.between(350, 500)),
  opType: oneOf('add', 'delete'),

  GiftId: varied(({ random }) => `gift${random.between(1, 99)} 🌹`),
  Count: varied(({ random }) => random.pick([1, 9, 99, 1_314])),
  Coins: varied(({ random }) => random.between(1, 1_000_000)),
  Time: ({ seconds }) => seconds,

  BattleId: scene => scene.battle.id,
  Duration: scene => scene.battle.duration,
  Timeout: oneOf(10_000, 0),
  FromRoomId: scene => scene.battle.from.id,
  ToRoomIdList: scene => scene.battle.to.map(({ id }) => id),
  ExtensionInfo: varied(({ random }) => customDataFrom(random)),
  'FromRoomInfo.RoomId': scene => scene.battle.from.id,
  'FromRoomInfo.Owner_Account': scene => scene.battle.from.owner,
  'ToRoomList.RoomId': scene => scene.rival.id,
  'ToRoomList.Owner_Account': scene => scene.rival.owner,
  'Live.CallbackAfterStartBattle CreateTime': asked,
  'Live.CallbackAfterStartBattle StartTime': asked,
  'Live.CallbackAfterEndBattle CreateTime': asked,
  'Live.CallbackAfterEndBattle StartTime': asked,
  'Live.CallbackAfterEndBattle EndTime': ({ seconds }) => seconds,
  Score: varied(({ random }) => random.pick([0, random.between(1, 99_999)])),
  OpType: oneOf(0, 1, 2)
}
