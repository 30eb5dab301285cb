import type { Static } from '@sinclair/typebox'
import type { CommandEntry } from './command-entry.ts'
import { alertCommands } from './commands/alert.ts'
import { botCommands } from './commands/bot.ts'
import { c2cCommands } from './commands/c2c.ts'
import { callCommands } from './commands/call.ts'
import { contentCommands } from './commands/content.ts'
import { followCommands } from './commands/follow.ts'
import { groupMessageCommands } from './commands/group-message.ts'
import { groupCommands } from './commands/group.ts'
import { liveCommands } from './commands/live.ts'
import { officialAccountCommands } from './commands/official-account.ts'
import { profileCommands } from './commands/profile.ts'
import { pushCommands } from './commands/push.ts'
import { roomCommands } from './commands/room.ts'
import { snsCommands } from './commands/sns.ts'
import { stateCommands } from './commands/state.ts'
import { topicCommands } from './commands/topic.ts'

/** Every command that Tencent documents, by the families of its documentation. An unknown one is relayed as it is. */
export const families = {
  Groups: groupCommands,
  'Group messages': groupMessageCommands,
  'Topics of communities': topicCommands,
  'One-to-one messages': c2cCommands,
  'Online status': stateCommands,
  Profiles: profileCommands,
  Relationships: snsCommands,
  Follows: followCommands,
  'Official accounts': officialAccountCommands,
  Chatbots: botCommands,
  Push: pushCommands,
  'Content moderation': contentCommands,
  Alarms: alertCommands,
  Calls: callCommands,
  'Conference rooms': roomCommands,
  'Live rooms': liveCommands
}

export const catalogue = {
  ...groupCommands,
  ...groupMessageCommands,
  ...topicCommands,
  ...c2cCommands,
  ...stateCommands,
  ...profileCommands,
  ...snsCommands,
  ...followCommands,
  ...officialAccountCommands,
  ...botCommands,
  ...pushCommands,
  ...contentCommands,
  ...alertCommands,
  ...callCommands,
  ...roomCommands,
  ...liveCommands
}

export type KnownCommand = keyof typeof catalogue
/** The body of a callback, as its documentation says: parse the raw bytes and check them before you rely on it. */
export type BodyOf<C extends KnownCommand> = Static<(typeof catalogue)[C]['body']>

const entries: ReadonlyMap<string, CommandEntry> = new Map(Object.entries(catalogue))

/** What is known of a command, or undefined. */
export const entryOf = (command: string): CommandEntry | undefined => entries.get(command)

export const isKnownCommand = (command: string): command is KnownCommand => entries.has(command)

export const knownCommands: readonly KnownCommand[] = Object.keys(catalogue).filter(isKnownCommand)
