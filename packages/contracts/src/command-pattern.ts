import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { isBeforeCommand } from './command.ts'

/** An exact command, or a glob in which `*` stands for any characters. */
export const CommandPattern = Type.String({
  pattern: '^[A-Za-z0-9_.*]{1,128}$',
  description: 'A command, or a pattern in which * stands for any characters.',
  examples: ['Group.CallbackAfterCreateTopic', 'Group.CallbackAfterTopic*']
})

export const isCommandPattern = (text: string): boolean => Value.Check(CommandPattern, text)

/**
 * Builds the question "does this target want the command?".
 * Without patterns it wants all after-commands; a before-command must be matched by a pattern.
 */
export function commandFilter (patterns?: readonly string[]): (command: string) => boolean {
  if (patterns === undefined) return command => !isBeforeCommand(command)
  const globs = patterns.map(pattern => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll(/\*+/g, '.*')}$`))
  return command => globs.some(glob => glob.test(command))
}
