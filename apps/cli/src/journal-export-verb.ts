import { once } from 'node:events'
import { join } from 'node:path'
import { isCommandPattern, type Event } from '@baton/contracts'
import { eventLine } from '@baton/operations'
import { BatonError, readSettings } from '@baton/runtime'
import type { Command } from 'commander'
import { exportJournal, type JournalExport } from './journal-export.ts'
import { timeOf } from './time-of.ts'
import { visible } from './visible.ts'

interface Options {
  folder?: string
  since?: number
  until?: number
  command?: string[]
}

/** Adds `journal export`. */
export function addJournalExport (journal: Command): void {
  journal.command('export')
    .description("print the events of an ingress's journal, on the machine of that ingress, as recorded callbacks: JSON lines that `baton compare` and `baton send --file` read")
    .option('--folder <dir>', "the journal's folder; default: journal in BATON_DATA_DIR")
    .option('--since <time>', 'received since: how long ago, such as 15m or 2h; or a time such as 2026-11-20T08:00:00Z', timeOf)
    .option('--until <time>', 'received before, told in the same way', timeOf)
    .option('--command <patterns...>', "only these commands; patterns such as 'Group.*' will do")
    .action(async ({ folder = join(readSettings().BATON_DATA_DIR, 'journal'), command: commands, ...range }: Options) => {
      const unfit = commands?.find(command => !isCommandPattern(command))
      if (unfit !== undefined) throw new BatonError('BAD_ARGUMENT', `${unfit} is no command and no pattern of commands; one is Group.CallbackAfter*, in quotes.`)
      if (range.since !== undefined && range.until !== undefined && range.until <= range.since) throw new BatonError('BAD_ARGUMENT', '--until is not after --since, so nothing lies between them. Swap them, or leave one out.')
      const stopping = new AbortController()
      const stop = () => { stopping.abort() }
      process.once('SIGINT', stop).once('SIGTERM', stop) // ended in mid-read, the ingress would go on keeping what was read for a while
      process.stdout.once('error', stop) // nobody reads on, or the disk is full
      const exported = await exportJournal({ folder, commands, ...range, signal: stopping.signal, take: async events => { await write(events, stopping.signal) } })
      const problems = problemsOf(exported, stopping.signal.aborted)
      process.stderr.write(visible(`${[summary(exported), ...problems].join('\n')}\n`))
      if (problems.length > 0) process.exitCode = 1
    })
}

/** Resolves once more may be written, or nothing any more. */
async function write (events: Event[], signal: AbortSignal): Promise<void> {
  if (events.length === 0 || process.stdout.write(events.map(event => `${eventLine(event)}\n`).join(''))) return
  await once(process.stdout, 'drain', { signal }).catch(() => {}) // an abort ends the reading; main.ts tells of errors
}

const summary = ({ events, oldest }: JournalExport): string =>
  `${events} events; the journal ${oldest === null ? 'has none at the moment' : `has those since ${new Date(oldest).toISOString()}`}`

function problemsOf ({ reachesTooFar, forgotten, damaged }: JournalExport, isAborted: boolean): string[] {
  return [
    ...reachesTooFar ? ['--since reaches further back: settled events that are older were forgotten (JOURNAL_RETENTION, JOURNAL_RETAINED)'] : [],
    ...forgotten > 0 ? [`${forgotten} events were forgotten while they were being read; name a later --since`] : [],
    ...damaged > 0 ? [`${damaged} events cannot be read; check the disk`] : [],
    ...isAborted ? ['ended early: what was printed is not all'] : []
  ]
}
