import { commandFilter, knownCommands } from '@baton/contracts'

/** Commands that a target is never given, whatever `commands` says. */
export interface LeftOut {
  isLeftOut: (command: string) => boolean
  /** As operators call them. */
  what: string
  /** How they come to be given. */
  remedy: string
}

/** What is wrong with a pattern that names nothing else: it would do nothing, without a word. */
export function problemOfLeftOut (pattern: string, { isLeftOut, what, remedy }: LeftOut): string | undefined {
  const named = [...knownCommands.filter(commandFilter([pattern])), ...pattern.includes('*') ? [] : [pattern]]
  if (named.length === 0 || !named.every(isLeftOut)) return undefined
  return `${pattern} names ${what} alone, and this target leaves them out; ${remedy}, or take it out of the list`
}
