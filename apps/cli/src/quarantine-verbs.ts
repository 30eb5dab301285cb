import { isUtf8 } from 'node:buffer'
import { quarantineList, quarantineShow } from '@baton/operations'
import type { QuarantineEntry } from '@baton/queue'
import type { Command } from 'commander'
import { integer } from './integer.ts'
import { withQueues } from './operator.ts'
import { print, printJson } from './print.ts'
import { table } from './table.ts'
import { visible } from './visible.ts'

/** Adds `quarantine list` and `quarantine show`. */
export function addQuarantineVerbs (program: Command): void {
  const quarantine = program.command('quarantine').description('see callbacks that were not relayed but may be wanted: unfit ones, and wrongly signed ones')

  quarantine.command('list')
    .description('list callbacks in quarantine, newest first')
    .option('--unsigned', 'those that were wrongly signed, kept by themselves')
    .option('--limit <n>', 'how many at most', integer(1, 1_000), 50) // their bodies are loaded, up to 1 MiB each
    .option('--before <id>', 'only those older than this one')
    .option('--json', 'print JSON')
    .action(async ({ json, ...options }: { unsigned?: boolean, limit: number, before?: string, json?: boolean }) => {
      const { total, evicted, entries } = await withQueues(async queues => await quarantineList(queues, options))
      if (json) return printJson({ total, evicted, entries: entries.map(asJson) })
      if (entries.length > 0) {
        print(table(entries.map(({ id, kind, app, command, info, receivedAt }) =>
          ({ RECEIVED: new Date(receivedAt).toISOString(), ID: id, APP: app, KIND: kind, COMMAND: command ?? '-', INFO: info }))))
      }
      print(`${entries.length} of ${total} in quarantine; ${evicted} had to give way to newer ones`)
      const last = entries.at(-1)
      if (last !== undefined && entries.length === options.limit && entries.length < total) print(`see older ones with --before ${last.id}`)
    })

  quarantine.command('show')
    .description('show a callback in quarantine, with its body')
    .argument('<id>')
    .option('--json', 'print JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const entry = asJson(await withQueues(async queues => await quarantineShow(queues, id)))
      if (json) return printJson(entry)
      print(Object.entries(entry).map(([name, value]) => `${name.padEnd(12)}${visible(String(value ?? '-'))}`).join('\n'))
    })
}

/** An entry as an operator reads it. */
function asJson ({ id, kind, info, app, command, receivedAt, query, body }: QuarantineEntry) {
  const encoding = isUtf8(body) ? 'utf8' : 'base64'
  return { id, kind, info, app, command: command ?? null, receivedAt: new Date(receivedAt).toISOString(), query, encoding, body: body.toString(encoding) }
}
