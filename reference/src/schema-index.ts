import type { DescribedCommand } from './described-commands.ts'

/** What is needed to find the schema of a command, and the keys in its body. */
export const schemaIndex = (commands: readonly DescribedCommand[]): object => ({
  $comment: 'orderingKey: the first of these places that the body has; A.0.B is a path, A+B the pair of two. eventTime: where it stands, and its unit.',
  commands: commands.map(({ command, family, phase, entry, schemaFile }) => ({
    command,
    family,
    phase,
    title: entry.title,
    file: schemaFile,
    documentation: entry.documentation ?? null,
    orderingKey: entry.orderingKey,
    eventTime: entry.eventTime
  }))
})
