import type { KnownCommand } from '@baton/contracts'
import { tinyIdFrom } from './ids.ts'
import type { JsonObject } from './json.ts'
import type { Random } from './random.ts'
import { groupTypes, type Battle, type Call, type Group, type OfficialAccount, type Room, type Topic, type World } from './world.ts'

export interface Setting {
  command: KnownCommand
  world: World
  random: Random
  /** SDKAppID. */
  appId: number
  /** When it happens, in ms since 1970. */
  now: number
  /** The documented example of the command. */
  example: JsonObject
  /** As the example has it, but for who, where and when. */
  plain: boolean
  /** Not as documented, on purpose. */
  drift: boolean
}

export interface Message {
  seq: number
  random: number
  /** In s since 1970. */
  time: number
  /** The id that the client gave it. */
  id: string
}

/** The administrator of the app, who acts through the REST API. */
export const administrator = 'administrator'

const aWeek = 7 * 24 * 3_600

/**
 * Who does what to whom in one callback. Everything is chosen when it is first asked for, and stays: all fields that tell of one thing tell the same.
 */
export class Scene {
  readonly setting: Setting
  readonly #parent: Scene | undefined
  readonly #nth: number
  readonly #chosen = new Map<string, string>()
  #group?: Group
  #topic?: Topic | undefined
  #topicIsKnown = false
  #official?: OfficialAccount
  #room?: Room
  #call?: Call
  #battle?: Battle
  #message?: Message
  #actor?: string
  #people?: readonly string[]
  #byServer?: boolean

  constructor (setting: Setting, parent?: Scene, nth = 0) {
    this.setting = setting
    this.#parent = parent
    this.#nth = nth
  }

  /** What one element of a list tells: another person, another message, in the same place. */
  element (nth: number): Scene {
    return new Scene(this.setting, this, nth)
  }

  get random (): Random {
    return this.setting.random
  }

  /** In s since 1970. */
  get seconds (): number {
    return Math.floor(this.setting.now / 1_000)
  }

  /** One of several, the first one in a plain scene; the same one whenever it is asked for by this name. */
  chosen<T extends string> (name: string, ...options: readonly [T, ...T[]]): T {
    const found = this.#chosen.get(name)
    const option = options.find(each => each === found) ?? (this.setting.plain ? options[0] : this.random.pick(options))
    this.#chosen.set(name, option)
    return option
  }

  get group (): Group {
    const { world, command } = this.setting
    this.#group ??= this.#parent?.group ?? world.groups.about(command, {
      fits: ({ type }) => this.#types().includes(type),
      make: () => world.group(this.random.pick(this.#types()))
    })
    return this.#group
  }

  #types (): readonly string[] {
    const { command, plain, example } = this.setting
    if (command.includes('Topic')) return ['Community']
    if (command === 'Group.CallbackOnMemberStateChange') return ['AVChatRoom']
    if (plain && typeof example['Type'] === 'string') return [example['Type']]
    return command === 'Group.CallbackAfterReadReceipt' ? groupTypes.filter(type => type !== 'Community') : groupTypes
  }

  /** Where it is about a topic: always so where the command says it. */
  get topic (): Topic | undefined {
    if (this.#parent !== undefined) return this.#parent.topic
    if (!this.#topicIsKnown) {
      const { command, plain, example } = this.setting
      const inTopic = command.includes('Topic') || (plain ? Boolean(example['TopicId']) : this.random.chance(0.7))
      if (this.group.type === 'Community' && inTopic) this.#topic = this.group.topics.about(command)
      this.#topicIsKnown = true
    }
    return this.#topic
  }

  get official (): OfficialAccount {
    this.#official ??= this.setting.world.officialAccounts.about(this.setting.command)
    return this.#official
  }

  get room (): Room {
    const { world, command } = this.setting
    this.#room ??= this.#parent?.room ?? (/^(?:Room|Mic)\./.test(command) ? world.meetings : world.liveRooms).about(command)
    return this.#room
  }

  /** In a list of rivals, each has a room of its own. */
  get rival (): Room {
    const { to, from } = this.battle
    return to[this.#nth % to.length] ?? from
  }

  get call (): Call {
    this.#call ??= this.#parent?.call ?? this.setting.world.calls.about(this.setting.command)
    return this.#call
  }

  get battle (): Battle {
    this.#battle ??= this.#parent?.battle ?? this.setting.world.battles.about(this.setting.command)
    return this.#battle
  }

  /** The message that it is about: the newest one where it is being sent, else an older one. */
  get message (): Message {
    this.#message ??= this.#messageOf()
    return this.#message
  }

  #messageOf (): Message {
    const { command, example } = this.setting
    const isNew = /SendMsg|^Bot\.|^Chatbot\./.test(command)
    const time = this.seconds - (isNew ? 0 : this.random.between(1, aWeek))
    const random = this.random.uint32()
    const stream = 'GroupId' in example ? this.topic ?? this.group : undefined
    const seq = stream === undefined ? this.random.uint32() : isNew ? ++stream.seq : this.random.between(1, Math.max(1, stream.seq))
    return { seq, random, time, id: `${tinyIdFrom(this.random)}-${time}-${random}` }
  }

  get actor (): string {
    const { world, example, command } = this.setting
    this.#actor ??= this.#parent?.actor ?? ('GroupId' in example && !command.includes('ApplyJoin') ? this.random.pick(this.group.members) : world.account())
    return this.#actor
  }

  /** The others whom it is about, each once, in the order of its lists. */
  get people (): readonly string[] {
    this.#people ??= this.random.shuffled(this.#others())
    return this.#people
  }

  #others (): readonly string[] {
    const { world, example, command } = this.setting
    const but = (accounts: readonly string[], ...gone: string[]) => accounts.filter(account => !gone.includes(account))
    const orSelf = (accounts: readonly string[]) => accounts.length > 0 ? accounts : [this.actor]
    if (/MemberJoin|JoinGroup/.test(command)) return orSelf(but(world.accounts, ...this.group.members))
    if (/AfterCreateGroup|GroupDestroyed/.test(command)) return this.group.members
    if (/MemberExit|ChangeGroupOwner/.test(command)) return orSelf(but(this.group.members, this.group.owner))
    if (command.startsWith('Call.')) return [this.call.caller, ...this.call.callees]
    return 'GroupId' in example ? orSelf(but(this.group.members, this.actor)) : but(world.accounts, this.actor)
  }

  /** In a list, each element tells of somebody else. */
  get person (): string {
    const { people } = this.#parent ?? this
    return people[this.#nth % people.length] ?? this.actor
  }

  /** Whether the server of the app did it, through the REST API. */
  get byServer (): boolean {
    this.#byServer ??= !this.setting.plain && this.random.chance(0.15)
    return this.#byServer
  }

  get exit (): 'Kicked' | 'Quit' {
    return this.chosen('ExitType', 'Kicked', 'Quit')
  }

  get join (): 'Apply' | 'Invited' {
    return this.chosen('JoinType', 'Apply', 'Invited')
  }

  get destroyed (): 'DestroyByUser' | 'DestroyBySystem' {
    return this.chosen('EventType', 'DestroyByUser', 'DestroyBySystem')
  }

  get operator (): string {
    const { command } = this.setting
    if (command === 'Live.CallbackAfterDestroyRoom' && this.destroyed === 'DestroyBySystem') return '@TIM#SYSTEM'
    if (command === 'Group.CallbackAfterMemberExit') return this.exit === 'Quit' ? this.person : this.group.owner
    if (command === 'Group.CallbackAfterNewMemberJoin' && this.join === 'Apply') return this.person
    if (this.byServer) return administrator
    if (/Create(?:Group|Topic)|Destroyed|Changed|Owner/.test(command) && 'GroupId' in this.setting.example) return this.group.owner
    if (/^(?:Room|Live|Mic)\./.test(command)) return this.room.owner
    return this.actor
  }

  get owner (): string {
    const { command } = this.setting
    if (command === 'Group.CallbackBeforeCreateGroup') return this.actor
    if (command.startsWith('Group.')) return this.group.owner
    if (command.startsWith('OfficialAccount.')) return command.includes('Before') ? this.actor : this.official.owner
    return this.room.owner
  }

  /** How many elements a list has; `shown` are those of the example. */
  lengthOf (list: string, shown: number): number {
    const { plain, command } = this.setting
    if (list === 'Events') return plain ? shown : this.random.pick([1, 1, 2, 3, 10, 37, 100])
    if (list === 'ToRoomList') return this.battle.to.length
    if (command === 'Group.CallbackAfterGroupDestroyed') return this.people.length
    if (command.startsWith('Call.')) return list === 'UserList' ? this.people.length : 1
    if (plain) return Math.min(shown, this.people.length)
    if (list === 'ExitMemberList' ? this.exit === 'Quit' : list === 'NewMemberList' && this.join === 'Apply') return 1
    return this.random.between(1, Math.min(list === 'GroupAtInfo' ? 30 : 8, this.people.length))
  }
}
