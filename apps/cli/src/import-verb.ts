import { createReadStream, statSync } from 'node:fs'
import { BatonError, whyUnreadable } from '@baton/runtime'
import { importGroups, type Imported } from '@baton/targets'
import type { Command } from 'commander'
import { integer } from './integer.ts'
import { print, printJson } from './print.ts'
import { progressBar } from './progress-bar.ts'
import { withTarget, type RelayTarget } from './relay-target.ts'
import { timeOf } from './time-of.ts'
import { visible } from './visible.ts'

interface Options {
  target: string
  at?: number
  app?: number
  dryRun?: boolean
  json?: boolean
}

/** Adds `import`. */
export function addImportVerb (program: Command): void {
  program.command('import')
    .description('load groups, members and topics that are older than Baton into the tables of a target: one group a line, as the REST API answers them')
    .argument('<file>', 'JSON lines, see docs/importing.md')
    .requiredOption('--target <name>', 'the target, of type postgres or mysql')
    .option('--at <time>', 'when the groups were so: when you began to fetch them, not when you had them all. How long ago, such as 2h, or a time such as 2026-11-20T08:00:00Z. A line that has At says it itself', timeOf)
    .option('--app <sdkAppId>', 'whose groups they are; needed where the relay file has several apps', integer(1, 2 ** 32 - 1))
    .option('--dry-run', 'only look at the file, and at nothing else')
    .option('--json', 'print JSON')
    .action(async (file: string, { target: name, json, ...options }: Options) => {
      const lines = await linesIn(file)
      const interrupted = new AbortController()
      const interrupt = () => { interrupted.abort() }
      process.once('SIGINT', interrupt) // the second one ends it at once
      const bar = json === true ? undefined : progressBar(process.stderr, lines)
      try {
        const imported = await withTarget(name, async opened => {
          const [appId, load] = [appOf(opened, options.app), loadOf(opened, name, options.dryRun === true)]
          return await importGroups({ bytes: createReadStream(file), appId, at: options.at, now: Date.now(), load, signal: interrupted.signal, onLine: () => bar?.step() })
        })
        bar?.clear()
        if (json === true) printJson({ target: name, dryRun: options.dryRun === true, ...imported })
        else print(visible(summary(imported, name, options.dryRun === true)))
        if (imported.refused > 0 || imported.interrupted) process.exitCode = 1
      } finally {
        bar?.clear()
        process.off('SIGINT', interrupt)
      }
    })
}

/** For the progress bar. */
async function linesIn (file: string): Promise<number> {
  try {
    if (statSync(file).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
    let lines = 1
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++
    }
    return lines
  } catch (error) {
    throw new BatonError('BAD_ARGUMENT', `The file ${file} cannot be read: ${whyUnreadable(error)}.`, { cause: error })
  }
}

function appOf ({ apps }: RelayTarget, app: number | undefined): number {
  const named = app ?? (apps.length === 1 ? apps[0] : undefined)
  if (named !== undefined && apps.includes(named)) return named
  throw new BatonError('BAD_ARGUMENT', `${app === undefined ? 'The relay file has several apps: name the one of these groups with --app' : `The relay file has no app ${app}: name one that it has with --app`}. They are ${apps.join(', ')}.`)
}

function loadOf ({ target, configured }: RelayTarget, name: string, isDryRun: boolean) {
  if (target.load === undefined) {
    throw new BatonError('BAD_ARGUMENT', `${name} takes no import: it is of type ${configured.type}, and it must be postgres or mysql, keep some of chat_group, chat_topic and chat_group_member (tables), and have no mask, which is written for callbacks and would leave what the file says as it is.`)
  }
  return isDryRun ? undefined : target.load
}

function summary ({ groups, members, topics, refused, problems, interrupted }: Imported, name: string, isDryRun: boolean): string {
  const told = `${groups} groups with ${members} members and ${topics} topics`
  return [
    isDryRun ? `${told} fit; nothing was written` : `${told} are in ${name}`,
    ...refused === 0 ? [] : [`${refused} lines were passed over; mend them, and import the file again: what is in changes nothing`, ...problems.map(problem => `  ${problem}`)],
    ...interrupted ? ['ended early: import the file again for the rest'] : []
  ].join('\n')
}
