import { entryOf, examples, families, fieldsOf, isBeforeCommand, isKnownCommand, type CommandEntry, type Field, type KnownCommand } from '@baton/contracts'

/** All that is known of a command. */
export interface DescribedCommand {
  command: KnownCommand
  family: string
  phase: 'before' | 'after'
  entry: CommandEntry
  fields: readonly Field[]
  example: object
  /** Where its JSON Schema lies, in `schemas`. */
  schemaFile: string
}

/** In the order of their families. */
export const describedCommands: readonly DescribedCommand[] = Object.entries(families).flatMap(([family, commands]) =>
  Object.keys(commands).filter(isKnownCommand).flatMap(command => {
    const entry = entryOf(command)
    return entry === undefined
      ? []
      : [{ command, family, entry, phase: isBeforeCommand(command) ? 'before' : 'after', fields: fieldsOf(entry.body), example: examples[command], schemaFile: `${command}.schema.json` }]
  }))

/** When it comes, in whole sentences. */
export const whenItComes = ({ entry: { title, remark } }: DescribedCommand): string => remark === undefined ? `${title}.` : `${title}. ${remark}`
