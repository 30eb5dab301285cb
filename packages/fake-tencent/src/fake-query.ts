import type { Scene } from './scene.ts'
import { stateChange } from './rules/people.ts'
import { tinyIdFrom } from './ids.ts'
import { uuidFrom } from './words.ts'

/** Commands whose documented samples have neither ClientIP nor OptPlatform; alarms have the latter. */
const withoutClient = /^(?:Push|ContentCallback|Alert)\.|^Group\.CallbackOnMemberStateChange$|^Live\.CallbackAfter(?:MemberStateChanged|ChangeOwner|ModifyAdmin)$/

const platforms = ['RESTAPI', 'Web', 'Android', 'iOS', 'Windows', 'macOS', 'Mac', 'iPad', 'Unknown']

/**
 * The query string as Tencent sends it, without what signs it; the order is not guaranteed.
 * Source: https://intl.cloud.tencent.com/document/product/1047/34354
 */
export function fakeQuery (scene: Scene): string {
  const { setting: { command, appId, plain }, random } = scene
  const isState = command === 'State.StateChange'
  const platform = plain ? (isState ? 'iOS' : 'RESTAPI') : random.pick(platforms)
  const parameters: Array<[name: string, value: string]> = [
    ['SdkAppid', String(appId)],
    ['CallbackCommand', command],
    ...optionally(plain || random.chance(0.95), 'contenttype', 'json'),
    ...optionally(!withoutClient.test(command), 'ClientIP', plain ? '127.0.0.1' : clientIpFrom(scene)),
    // Of all commands this one alone spells iOS in capitals.
    ...optionally(!withoutClient.test(command) || command.startsWith('Alert.'), 'OptPlatform', isState && platform === 'iOS' ? 'IOS' : platform),
    // Undocumented, but seen in both spellings.
    ...optionally(plain || random.chance(0.9), plain || random.chance(0.7) ? 'RequestID' : 'RequestId', requestIdFrom(scene))
  ]
  return String(new URLSearchParams(!plain && random.chance(0.25) ? random.shuffled(parameters) : parameters))
}

const optionally = (given: boolean, name: string, value: string): Array<[string, string]> => given ? [[name, value]] : []

/** Of the addresses that are kept for documentation. */
const clientIpFrom = ({ random }: Scene): string => random.pick([
  `203.0.113.${random.between(1, 254)}`,
  `198.51.100.${random.between(1, 254)}`,
  `2001:db8::${random.between(1, 0xffff).toString(16)}`
])

function requestIdFrom (scene: Scene): string {
  const { random, setting: { command } } = scene
  return command === 'State.StateChange' ? `${random.uint32()}-${tinyIdFrom(random)}-${stateChange(scene).join('-')}` : uuidFrom(random)
}
