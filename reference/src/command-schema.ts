import { readMark } from '@baton/contracts'
import { whenItComes, type DescribedCommand } from './described-commands.ts'

/** What is generated uses words that mean the same in draft-07 and in all later ones; most tools know draft-07. */
const dialect = 'http://json-schema.org/draft-07/schema#'

/** The body of a command for other languages. As in Baton, what it does not name is allowed. */
export function commandSchema (described: DescribedCommand): object {
  const { command, entry, example } = described
  return {
    $schema: dialect,
    $id: `urn:baton:callback:${command}`,
    title: command,
    description: whenItComes(described),
    ...standard(entry.body),
    examples: [example]
  }
}

/** Without the marks of Baton's own, which strict validators refuse. */
const standard = (schema: object): object => JSON.parse(JSON.stringify(schema, (key, value: unknown) => key === readMark ? undefined : value))
