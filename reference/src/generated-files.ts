import { relaySchema, targetTypes } from '@baton/targets'
import { commandSchema } from './command-schema.ts'
import { commandsPage } from './commands-page.ts'
import { describedCommands } from './described-commands.ts'
import { outcomesPage } from './outcomes-page.ts'
import { schemaIndex } from './schema-index.ts'
import { targetPage } from './target-page.ts'

/** What is generated: the path of each file, from the root of the repository, and its text. */
export const generatedFiles = (): Map<string, string> => new Map([
  ['docs/commands.md', commandsPage(describedCommands)],
  ['docs/outcomes.md', outcomesPage()],
  ...targetTypes.map(type => [`docs/targets/${type.type}.md`, targetPage(type)] as const),
  ['docs/baton.schema.json', json(relaySchema())],
  ['schemas/index.json', json(schemaIndex(describedCommands))],
  ...describedCommands.map(described => [`schemas/${described.schemaFile}`, json(commandSchema(described))] as const)
])

/** Folders in which everything is generated. */
export const generatedFolders: readonly string[] = ['docs/targets', 'schemas']

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`
