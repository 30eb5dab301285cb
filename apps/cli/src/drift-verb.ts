import { driftKinds } from '@baton/contracts'
import { drift, driftForget, type DriftFilter } from '@baton/operations'
import { mostDeviations, type SeenDrift } from '@baton/queue'
import { Option, type Command } from 'commander'
import { withQueues } from './operator.ts'
import { print, printJson } from './print.ts'
import { table } from './table.ts'

/** Adds `drift`, which is `drift list`, and `drift forget`. */
export function addDriftVerb (program: Command): void {
  const verb = program.command('drift').description('see what callbacks have that their documentation does not say: unknown commands and fields, and unfit fields')

  filtered(verb.command('list', { isDefault: true }))
    .description('list it, the one seen last first; `baton drift` alone does so too')
    .option('--json', 'print JSON')
    .action(async ({ json, ...filter }: DriftFilter & { json?: boolean }) => {
      const { drift: found, unlisted } = await withQueues(async queues => await drift(queues, filter))
      if (json) return printJson({ drift: found.map(asJson), unlisted: unlisted === undefined ? null : { ...unlisted, last: new Date(unlisted.last).toISOString() } })
      if (found.length > 0) print(rowsOf(found))
      else print(Object.keys(filter).length > 0 ? 'Nothing that fits has been seen.' : 'Callbacks have had nothing that their documentation does not say.')
      if (unlisted === undefined) return
      print(`Other deviations, seen ${unlisted.count} times, the last time ${new Date(unlisted.last).toISOString()}, are not listed: ${mostDeviations} different ones are, and 20 of one callback. \`baton drift forget\` makes room.`)
    })

  filtered(verb.command('forget'))
    .description('forget what was dealt with: should it come again, it is news and an alert')
    .option('--all', 'everything')
    .option('--dry-run', 'only tell what would be forgotten')
    .option('--json', 'print JSON')
    .action(async ({ json, ...options }: DriftFilter & { all?: boolean, dryRun?: boolean, json?: boolean }) => {
      const forgotten = await withQueues(async queues => await driftForget(queues, options))
      if (json) return printJson(forgotten.map(asJson))
      if (forgotten.length === 0) return print('There is nothing to forget.')
      print(rowsOf(forgotten))
      print(options.dryRun ? 'would be forgotten' : 'are forgotten; should they come again, they are news')
    })
}

const filtered = (command: Command): Command => command
  .addOption(new Option('--kind <kind>', 'of this kind only').choices(driftKinds))
  .option('--command <pattern>', 'of these commands only: one, or a pattern such as "Group.*"')
  .option('--field <name>', 'of this field only, as it is listed')

/** For people. */
const rowsOf = (drift: readonly SeenDrift[]): string => table(drift.map(({ kind, command, field, problem, example, count, first, last }) => ({
  'LAST SEEN': new Date(last).toISOString(),
  'FIRST SEEN': new Date(first).toISOString(),
  CALLBACKS: count,
  KIND: kind,
  COMMAND: command,
  FIELD: field === '' ? '-' : field,
  PROBLEM: problem,
  EXAMPLE: example
})))

/** For programs. */
const asJson = ({ first, last, ...rest }: SeenDrift) => ({ ...rest, first: new Date(first).toISOString(), last: new Date(last).toISOString() })
