import { compare, type ComparedCommand, type ComparedFile, type Comparison } from '@baton/operations'
import { millisecondsOf } from '@baton/runtime'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { integer } from './integer.ts'
import { print, printJson } from './print.ts'
import { table } from './table.ts'
import { visible } from './visible.ts'

interface Options {
  received: string[]
  accepted: string[]
  distinct?: boolean
  edge: number
  examples: number
  json?: boolean
}

/** Adds `compare`. */
export function addCompareVerb (program: Command): void {
  program.command('compare')
    .description('compare what a controller received with what Baton accepted: by app, command and SHA-256 of the body, each as often as it came. Ends with 0 only where all of it matches')
    .requiredOption('--received <files...>', 'JSON lines with what the controller received, such as nginx logs them in examples/migrate')
    .requiredOption('--accepted <files...>', 'JSON lines of `baton journal export`, or of `baton tail --json`')
    .option('--distinct', 'count callbacks with the same body once, however often they came')
    .addOption(new Option('--edge <duration>', 'by how much both sides may differ on when a callback came, such as 500ms or 10s; a tenth of what is compared at most').argParser(duration).default(5_000, '5s'))
    .option('--examples <n>', 'name so many of those that are missing', integer(0, 10_000), 10)
    .option('--json', 'print JSON')
    .action(async ({ json, ...options }: Options) => {
      const comparison = await compare(options)
      if (!comparison.isMatch) process.exitCode = 1
      if (json) printJson(asJson(comparison))
      else print(visible(textOf(comparison)))
    })
}

function duration (text: string): number {
  try {
    return millisecondsOf(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
}

function textOf (comparison: Comparison): string {
  const { files, commands, missing, badLines } = comparison
  const rowsOfMissing = missing.map(({ only, time, app, command, sha256, times }) => ({
    ONLY: only,
    TIME: time === null ? '-' : new Date(time).toISOString(),
    APP: app ?? '-',
    COMMAND: command ?? '-',
    'SHA-256 OF THE BODY': sha256,
    RECEIVED: times.received,
    ACCEPTED: times.accepted
  }))
  const parts = [
    [table(files.map(rowOfFile))],
    commands.length === 0 ? [] : [table(commands.map(rowOfCommand))],
    rowsOfMissing.length === 0 ? [] : [table(rowsOfMissing)],
    badLines.examples.map(({ file, line, problem }) => `${file}:${line} ${problem}`),
    summary(comparison)
  ]
  return parts.filter(lines => lines.length > 0).map(lines => lines.join('\n')).join('\n\n')
}

const rowOfFile = ({ side, file, callbacks, probes, badLines, window }: ComparedFile) => ({
  SIDE: side,
  FILE: file,
  CALLBACKS: callbacks,
  FROM: window === null ? '-' : new Date(window.from).toISOString(),
  TO: window === null ? '-' : new Date(window.to).toISOString(),
  PROBES: probes,
  'BAD LINES': badLines
})

const rowOfCommand = ({ app, command, callbacks, repeats, both, only: { received, accepted } }: ComparedCommand) => ({
  APP: app ?? '-',
  COMMAND: command ?? '-',
  RECEIVED: callbacks.received,
  ACCEPTED: callbacks.accepted,
  REPEATS: `${repeats.received}/${repeats.accepted}`,
  BOTH: both,
  'ONLY RECEIVED': received.missing,
  'ONLY ACCEPTED': accepted.missing,
  'AT AN EDGE': received.edge + accepted.edge,
  OUTSIDE: outside(received) + outside(accepted)
})

function summary ({ isMatch, files, overlap, edge, total: { both, only: { received, accepted } }, badLines }: Comparison): string[] {
  const areTimed = (['received', 'accepted'] as const).every(of => files.some(({ side, window }) => side === of && window !== null))
  const uncompared = areTimed ? 'the two sides have no moment in common' : 'not every side says when its callbacks came, so all is compared'
  const compared = overlap === null ? uncompared : `compared from ${new Date(overlap.from).toISOString()} to ${new Date(overlap.to).toISOString()}, with ${Math.round(edge)} ms of edge at either end`
  return [
    compared,
    `${!isMatch ? 'NO MATCH' : received.edge + accepted.edge > 0 ? 'all match, but what is at an edge cannot be compared' : 'all match'}: ${both} on both sides, ${received.missing} only received, ${accepted.missing} only accepted, ${received.edge + accepted.edge} at an edge, ${outside(received) + outside(accepted)} outside, ${badLines.count} bad lines`,
    ...received.late > 0 ? [`${received.late} callbacks came to the controller after the last that Baton accepted: Baton was away or refuses them, or what it accepted was exported before the other side's log ended; look at the ingress, export once more and compare again`] : []
  ]
}

const outside = (only: ComparedCommand['only']['received']): number => only.outside + only.late

/** Times for programs. */
const asJson = ({ files, overlap, missing, ...rest }: Comparison) => ({
  ...rest,
  overlap: windowAsJson(overlap),
  files: files.map(({ window, ...file }) => ({ ...file, window: windowAsJson(window) })),
  missing: missing.map(({ time, ...callback }) => ({ ...callback, time: time === null ? null : new Date(time).toISOString() }))
})

const windowAsJson = (window: Comparison['overlap']) => window === null ? null : { from: new Date(window.from).toISOString(), to: new Date(window.to).toISOString() }
