import { Cast } from './cast.ts'
import { accountFrom, communityIdFrom, groupIdFrom, officialAccountIdFrom, robotIdFrom, topicIdFrom } from './ids.ts'
import type { Random } from './random.ts'
import { base64From, nameFrom, uuidFrom } from './words.ts'

export interface Group {
  id: string
  type: string
  name: string
  owner: string
  /** The owner is one of them. */
  members: string[]
  /** MsgSeq of its newest message. */
  seq: number
  /** Of communities only. */
  topics: Cast<Topic>
}

export interface Topic {
  id: string
  name: string
  seq: number
}

export interface OfficialAccount {
  id: string
  name: string
  owner: string
}

export interface Room {
  id: string
  name: string
  owner: string
}

export interface Call {
  id: string
  caller: string
  callees: string[]
  media: 'Audio' | 'Video'
  group: Group | undefined
  /** A number as text, or text. */
  roomId: string
  roomIdType: 1 | 2
}

export interface Battle {
  id: string
  from: Room
  to: Room[]
  /** In ms. */
  duration: number
}

/** `Private` is the old name of `Work`, `ChatRoom` that of `Meeting`; `BChatRoom` is history, and an app may define types of its own. */
export const groupTypes = ['Public', 'Private', 'Work', 'ChatRoom', 'Meeting', 'AVChatRoom', 'Community', 'BChatRoom', 'Live', 'Classroom'] as const

/** A small world in which callbacks hang together: who is created can be renamed and destroyed, and who joins a group is one of its members. */
export class World {
  readonly accounts: readonly string[]
  readonly robots: readonly string[]
  readonly groups: Cast<Group>
  readonly officialAccounts: Cast<OfficialAccount>
  readonly meetings: Cast<Room>
  readonly liveRooms: Cast<Room>
  readonly calls: Cast<Call>
  readonly battles: Cast<Battle>
  readonly #random: Random

  constructor (random: Random) {
    this.#random = random
    this.accounts = ['jared', 'leckie', 'bob', 'peter', ...Array.from({ length: 56 }, () => accountFrom(random))]
    this.robots = ['@RBT#001', robotIdFrom(random)]
    const types = random.shuffled([...groupTypes, 'Public', 'Community'])
    this.groups = new Cast(random, () => this.group(types.shift() ?? random.pick(groupTypes)), { begins: 'Group.CallbackAfterCreateGroup', ends: 'Group.CallbackAfterGroupDestroyed', size: types.length })
    this.officialAccounts = new Cast(random, () => ({ id: officialAccountIdFrom(random), name: nameFrom(random), owner: this.account() }), {
      begins: 'OfficialAccount.CallbackAfterCreateOfficialAccount', ends: 'OfficialAccount.CallbackAfterOfficialAccountDestroyed', size: 3
    })
    this.meetings = new Cast(random, () => this.#room(), { begins: 'Room.CallbackAfterCreateRoom', ends: 'Room.CallbackAfterDestroyRoom', size: 3 })
    this.liveRooms = new Cast(random, () => this.#room(), { begins: 'Live.CallbackAfterCreateRoom', ends: 'Live.CallbackAfterDestroyRoom', size: 6 })
    this.calls = new Cast(random, () => this.#call(), { begins: 'Call.CallbackAfterStartCall', ends: 'Call.CallbackAfterEndCall', size: 2 })
    this.battles = new Cast(random, () => this.#battle(), { begins: 'Live.CallbackAfterCreateBattle', ends: 'Live.CallbackAfterEndBattle', size: 2 })
  }

  account (): string {
    return this.#random.pick(this.accounts)
  }

  group (type: string): Group {
    const random = this.#random
    const id = type === 'Community' ? communityIdFrom(random) : groupIdFrom(random)
    const members = random.shuffled(this.accounts).slice(0, random.between(3, 12))
    const [owner = 'leckie'] = members
    const topic = (): Topic => ({ id: topicIdFrom(random, id), name: nameFrom(random), seq: random.between(0, 99) })
    const topics = new Cast(random, topic, { begins: 'Group.CallbackAfterCreateTopic', ends: 'Group.CallbackAfterTopicDestroyed', size: type === 'Community' ? 3 : 0 })
    return { id, type, name: nameFrom(random), owner, members, seq: random.between(0, 999), topics }
  }

  #room (): Room {
    return { id: this.#random.pick([`rid-${this.#random.hex(6)}`, String(this.#random.uint32()), `room#${this.#random.hex(4)} (1/2)`]), name: nameFrom(this.#random), owner: this.account() }
  }

  #call (): Call {
    const [caller = 'jared', ...callees] = this.#random.shuffled(this.accounts).slice(0, this.#random.between(2, 5))
    const roomIdType = this.#random.pick([1, 2] as const)
    const roomId = roomIdType === 1 ? String(this.#random.uint32()) : `roomid-${this.#random.hex(8)}`
    const group = callees.length > 1 ? this.groups.about('') : undefined
    return { id: uuidFrom(this.#random), caller, callees, media: this.#random.pick(['Audio', 'Video']), group, roomId, roomIdType }
  }

  #battle (): Battle {
    const [from = this.#room(), ...to] = this.liveRooms.some(this.#random.between(2, 4))
    return { id: base64From(this.#random), from, to: to.length > 0 ? to : [this.#room()], duration: this.#random.pick([30_000, 60_000, 180_000]) }
  }
}
