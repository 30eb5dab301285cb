import { journalList, journalRewind } from '@baton/operations'
import type { Command } from 'commander'
import { addJournalExport } from './journal-export-verb.ts'
import { withQueues } from './operator.ts'
import { print, printJson } from './print.ts'
import { table } from './table.ts'
import { timeOf } from './time-of.ts'

/** Adds `journal list`, `journal rewind` and `journal export`. */
export function addJournalVerbs (program: Command): void {
  const journal = program.command('journal').description('see the journals of the ingresses, have them bring events again, and read them')
  addJournalExport(journal)

  journal.command('list')
    .description('list journals: what they keep, and what of it is not settled')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const journals = await withQueues(journalList)
      if (json) return printJson(journals)
      if (journals.length === 0) return print('No ingress has forwarded anything yet.')
      print(table(journals.map(({ journal, silent, depth, unsettled, unforwarded, unprotected, oldestUnsettledAt, unsettledBytes, retainedBytes }) => ({
        JOURNAL: journal,
        'LAST SEEN': `${Math.round(silent / 1_000)} s ago`,
        EVENTS: depth,
        UNSETTLED: unsettled,
        'NOT FORWARDED': unforwarded,
        UNPROTECTED: unprotected,
        'OLDEST UNSETTLED': oldestUnsettledAt === null ? '-' : new Date(oldestUnsettledAt).toISOString(),
        MIB: Math.ceil((unsettledBytes + retainedBytes) / 2 ** 20)
      }))))
    })

  journal.command('rewind')
    .description('have every journal bring again what it received since some time, whatever became of it')
    .requiredOption('--since <time>', 'how long ago, such as 15m or 2h; or a time such as 2026-11-20T08:00:00Z', timeOf)
    .option('--target <name>', 'to one target only')
    .option('--dry-run', 'only tell how many events that would be')
    .option('--json', 'print JSON')
    .action(async ({ json, ...options }: { since: number, target?: string, dryRun?: boolean, json?: boolean }) => {
      const { rewind, since, journals } = await withQueues(async queues => await journalRewind(queues, options))
      const silent = journals.some(({ events }) => events === undefined)
      if (silent) process.exitCode = 1
      if (json) return printJson({ rewind, since: new Date(since).toISOString(), journals: journals.map(({ journal, events }) => ({ journal, events: events ?? null })) })
      print(table(journals.map(({ journal, events }) => ({ JOURNAL: journal, EVENTS: events ?? 'no answer yet' }))))
      const where = options.target === undefined ? 'every target that wants them' : options.target
      print(options.dryRun ? `would be brought to ${where} again` : `are brought to ${where} again, between new ones; \`baton status\` shows what waits`)
      if (silent) print('A journal that has not answered carries the order out when its ingress is back in touch with Redis, within 24 h.')
    })
}
