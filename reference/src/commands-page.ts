import { commandSection } from './command-section.ts'
import type { DescribedCommand } from './described-commands.ts'
import { introduction } from './introduction.ts'
import { orderingKeyInWords } from './keys-in-words.ts'
import { anchorOf, plain, table } from './markdown.ts'

/** A page that tells of all commands: what holds for all, a table to find one in, and a section for each. */
export function commandsPage (commands: readonly DescribedCommand[]): string {
  const families = [...new Set(commands.map(({ family }) => family))].map(name => [name, commands.filter(({ family }) => family === name)] as const)
  return [
    introduction,
    '## All commands\n',
    ...families.map(([family, members]) => `**[${family}](${anchorOf(family)})**\n\n${overview(members)}\n`),
    ...families.flatMap(([family, members]) => [`## ${family}\n`, ...members.map(commandSection)])
  ].join('\n')
}

const overview = (commands: readonly DescribedCommand[]): string => table(
  ['Command', 'When it comes', 'Phase', 'Ordering key', 'Documentation'],
  commands.map(({ command, phase, entry: { title, orderingKey, documentation } }) => [
    `[\`${command}\`](${anchorOf(command)})`,
    plain(title),
    phase,
    orderingKeyInWords(orderingKey),
    documentation === undefined ? 'none' : `[page](${documentation})`
  ]))
