import { nameFrom } from '../words.ts'
import type { Scene } from '../scene.ts'
import { oneOf, varied, type Rules } from './rule.ts'

const channel = (scene: Scene) => scene.chosen('EventType', 'offline', 'online')
const chat = (scene: Scene) => scene.chosen('EventType', 'one-to-one', 'group')

export const pushRules: Rules = {
  'Push.AllMemberPush EventType': scene => channel(scene) === 'offline' ? 1 : 2,
  'Push.AllMemberPush PushPlatform': varied(scene => channel(scene) === 'offline' ? scene.random.between(0, 8) : undefined),
  DeviceType: scene => channel(scene) === 'online' ? scene.random.between(1, 6) : undefined,
  TaskId: varied(({ random }) => `${random.hex(8)}_${random.hex(8)}_2000005${random.hex(8)}_${random.hex(8)}_${random.hex(6)}`),
  DataId: varied(({ random }) => nameFrom(random)),
  TaskTime: ({ seconds, random }) => seconds - random.between(0, 30),

  'Push.OfflinePush EventType': scene => chat(scene) === 'one-to-one' ? 1 : 2,
  'Push.OfflinePush From_Account': scene => scene.setting.world.account(),
  'Push.OfflinePush MsgKey': scene => chat(scene) === 'one-to-one' ? `${scene.message.seq}_${scene.message.random}_${scene.message.time}` : undefined,
  GroupID: scene => chat(scene) === 'group' ? scene.random.pick(scene.setting.world.groups.some(20)).id : undefined,
  PushID: varied(({ random }) => `${random.hex(8)}_${random.hex(8)}_${random.hex(8)}_200002${random.hex(9)}_2000005${random.hex(8)}`),
  PushPlatform: varied(({ random }) => random.between(0, 8)),
  PushStage: oneOf(1, 2, 3),
  ErrCode: oneOf(0, 0, 10_004),
  ErrInfo: oneOf('OK', '', 'token is invalid')
}
