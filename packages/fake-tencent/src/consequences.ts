import { isJsonObject, type Json, type JsonObject } from './json.ts'
import type { Scene } from './scene.ts'

/** What a callback changes in the world, so that later ones agree with it. Who comes into the world and who leaves it, `Cast` sees to. */
export function bringAbout (scene: Scene, body: JsonObject): void {
  const { command } = scene.setting
  if (command === 'Group.CallbackAfterNewMemberJoin') scene.group.members.push(...accountsIn(body['NewMemberList']))
  if (command === 'Group.CallbackAfterMemberExit') {
    const gone = accountsIn(body['ExitMemberList'])
    scene.group.members = scene.group.members.filter(account => account === scene.group.owner || !gone.includes(account))
  }
  const newOwner = body['NewOwner_Account'] ?? body['CurrentOwner_Account']
  if (typeof newOwner === 'string') (command.startsWith('Group.') ? scene.group : scene.room).owner = newOwner
}

const accountsIn = (list: Json | undefined): string[] =>
  (Array.isArray(list) ? list : []).flatMap(element => isJsonObject(element) && typeof element['Member_Account'] === 'string' ? [element['Member_Account']] : [])
