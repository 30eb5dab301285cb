import { commandFilter } from './command-pattern.ts'

/**
 * The commands that tell of single messages: their contents, what became of them, who has read them. Most callbacks of most apps are of these.
 * Patterns, so that the commands that Tencent adds fall on the right side.
 */
export const messageCommands: readonly string[] = ['C2C.*', '*Msg*', '*ReadReceipt', 'Bot.*', 'Chatbot.*', 'ContentCallback.*', 'Push.OfflinePush']

export const isMessageCommand: (command: string) => boolean = commandFilter(messageCommands)
