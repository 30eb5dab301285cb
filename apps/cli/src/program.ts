import { deadDrop, deadList, deadReplay, deadShow, status, type QueueStatus, type Status } from '@baton/operations'
import type { DeadLetter } from '@baton/queue'
import { runProcess } from '@baton/runtime'
import { relaySchema } from '@baton/targets'
import { Command } from 'commander'
import { check } from './check.ts'
import { checkText } from './check-text.ts'
import { addCompareVerb } from './compare-verb.ts'
import { addDoctorVerb } from './doctor-verb.ts'
import { integer } from './integer.ts'
import { withQueues } from './operator.ts'
import { print, printJson } from './print.ts'
import { addImportVerb } from './import-verb.ts'
import { addDriftVerb } from './drift-verb.ts'
import { addJournalVerbs } from './journal-verbs.ts'
import { addQuarantineVerbs } from './quarantine-verbs.ts'
import { addSendVerb } from './send-verb.ts'
import { table } from './table.ts'
import { addTargetVerbs } from './target-verbs.ts'
import { addTailVerb } from './tail-verb.ts'
import { version } from './version.ts'
import { visible, visibleInLine } from './visible.ts'

/** The `baton` command: every app and every operator verb. */
export function buildProgram (): Command {
  const program = new Command('baton')
    .description('Answers Tencent Cloud Chat callbacks at once and carries every one of them to where it is needed.')
    .version(version())

  program.command('up')
    .description('run a complete relay on this machine: Redis, embedded PostgreSQL where the relay file asks for it, ingress and worker')
    .option('--watch', 'rebuild and restart when the source changes')
    .action(async (options: { watch?: boolean }) => {
      const { up } = await import('./up.ts') // apps are loaded when they are asked for: a verb should answer at once
      await up(options)
    })

  program.command('ingress')
    .description('run an ingress: it validates, acknowledges and enqueues callbacks')
    .action(async () => {
      const { startIngress } = await import('@baton/ingress')
      await runProcess('ingress', startIngress)
    })

  program.command('worker')
    .description('run a worker: it routes events and delivers them to the targets')
    .action(async () => {
      const { startWorker } = await import('@baton/worker')
      await runProcess('worker', startWorker)
    })

  program.command('check')
    .description('check the environment and the relay file: list what is wrong in both, or show what goes where')
    .option('--schema', 'only print the JSON Schema of the relay file, for editors')
    .option('--json', 'print JSON')
    .action(async ({ json, schema }: { json?: boolean, schema?: boolean }) => {
      if (schema) return printJson(relaySchema())
      const checked = await check()
      if (json) printJson(checked)
      else print(checkText(checked))
    })

  addSendVerb(program)
  addDoctorVerb(program)

  program.command('status')
    .description('show how full every queue is, which target lags, and how many keys wait for an operator')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const found = await withQueues(status)
      if (json) return printJson(found)
      print(table(found.queues.map(({ queue, waiting, delayed, active, dead, laned, blocked, dropped, ...target }) => ({
        QUEUE: queue,
        WAITING: waiting,
        DELAYED: delayed,
        ACTIVE: active,
        DEAD: dead,
        'IN LANES': laned ?? '-',
        'BLOCKED KEYS': blocked ?? '-',
        DROPPED: dropped ?? '-',
        STATE: stateOf(target)
      }))))
      print(relayText(found))
    })

  const dead = program.command('dead').description('see, replay and drop dead letters: events whose delivery to a target was given up')

  dead.command('list')
    .description('list dead letters, newest first')
    .option('--target <name>', 'of one target only')
    .option('--limit <n>', 'how many at most', integer(1, 1_000), 50) // their bodies are loaded, up to 1 MiB each
    .option('--json', 'print JSON')
    .action(async ({ json, ...options }: { target?: string, limit: number, json?: boolean }) => {
      const { total, letters } = await withQueues(async queues => await deadList(queues, options))
      if (json) return printJson({ total, letters: letters.map(asJson) })
      if (total === 0) return print('There are no dead letters.')
      print(table(letters.map(({ target, event, reason, attempts, diedAt, blocks }) =>
        ({ DIED: new Date(diedAt).toISOString(), TARGET: target, COMMAND: event.command, EVENT: event.id, ATTEMPTS: attempts, BLOCKS: blocks ? 'its key' : '-', REASON: reason }))))
      if (letters.length < total) print(`${letters.length} of ${total}; see more with --limit`)
    })

  dead.command('show')
    .description('show the dead letters of an event, with its body')
    .argument('<event id>')
    .option('--target <name>', 'at one target only')
    .option('--json', 'print JSON')
    .action(async (eventId: string, { target, json }: { target?: string, json?: boolean }) => {
      const letters = await withQueues(async queues => await deadShow(queues, eventId, { target }))
      if (json) return printJson(letters.map(asJson))
      for (const letter of letters) print(Object.entries(asJson(letter)).map(([name, value]) => `${name.padEnd(12)}${name === 'body' ? visible(String(value)) : visibleInLine(String(value))}`).join('\n'))
    })

  dead.command('replay')
    .description('send the dead letters of an event again')
    .argument('<event id>')
    .option('--target <name>', 'to one target only')
    .option('--dry-run', 'only tell which would be sent')
    .option('--json', 'print JSON')
    .action(async (eventId: string, { json, ...options }: { target?: string, dryRun?: boolean, json?: boolean }) => {
      const letters = await withQueues(async queues => await deadReplay(queues, eventId, options))
      if (json) return printJson(letters.map(asJson))
      if (letters.length === 0) print(`${eventId} is no longer dead: somebody else has replayed it.`)
      for (const { target, event } of letters) print(`${event.id} ${options.dryRun ? 'would be sent' : 'is on its way'} to ${target} again`)
    })

  dead.command('drop')
    .description('give up the dead letters of an event for good; a key that waits because of it goes on without it')
    .argument('<event id>')
    .option('--target <name>', 'of one target only')
    .option('--dry-run', 'only tell which would be dropped')
    .option('--json', 'print JSON')
    .action(async (eventId: string, { json, ...options }: { target?: string, dryRun?: boolean, json?: boolean }) => {
      const letters = await withQueues(async queues => await deadDrop(queues, eventId, options))
      if (json) return printJson(letters.map(asJson))
      if (letters.length === 0) print(`${eventId} is no longer dead: somebody else has replayed or dropped it.`)
      for (const { target, event, blocks } of letters) print(`${event.id} ${options.dryRun ? 'would be dropped' : 'is dropped'} for ${target}${blocks ? ', and its key goes on' : ''}`)
    })

  addQuarantineVerbs(program)
  addDriftVerb(program)
  addJournalVerbs(program)
  addTargetVerbs(program)
  addImportVerb(program)
  addTailVerb(program)
  addCompareVerb(program)
  pointToHelp(program, program.name())
  return program
}

/** What is wrong stands last and alone; a page of options behind it would push it off the screen. */
function pointToHelp (command: Command, spelled: string): void {
  command.showHelpAfterError(`See ${spelled} --help.`)
  for (const verb of command.commands) pointToHelp(verb, `${spelled} ${verb.name()}`)
}

/** Who works, and by which relay file. */
function relayText ({ relay, workers }: Status): string {
  if (workers.length === 0) return '\nNo worker runs: events wait.'
  const others = workers.filter(({ version }) => version !== relay?.version)
  const bringer = workers.find(({ worker }) => worker === relay?.worker)
  return visible(`\n${workers.length === 1 ? 'One worker runs' : `${workers.length} workers run`}. Events are routed by relay file ${relay?.version ?? 'none'}${relay === null ? '' : ` since ${new Date(relay.since).toISOString()}`}${bringer === undefined ? '' : `, brought by ${bringer.place}`}.${
    others.map(({ place, version }) => `\n${place} has another one, ${version}, and routes nothing.`).join('')}`)
}

/** What keeps a target from getting its events, if anything does. */
function stateOf ({ target, laggingSince, parkedSince, shutUntil, pausedSince, pauseReason, retiring, orphaned }: Partial<QueueStatus>): string {
  if (target === undefined) return '-'
  const since = (time: number) => time === 0 ? '' : ` since ${new Date(time).toISOString()}`
  const states = [
    ...retiring === undefined ? [] : [`is being ${retiring === 'drain' ? 'drained' : 'dropped'}`],
    ...orphaned === true ? ['no worker delivers to it'] : [],
    ...pausedSince === undefined ? [] : [`paused${since(pausedSince)}${pauseReason === undefined ? '' : ` (${pauseReason})`}`],
    ...parkedSince !== undefined ? [`parked${since(parkedSince)}`] : shutUntil === undefined ? [] : [`has asked for a rest until ${new Date(shutUntil).toISOString()}`],
    ...laggingSince === undefined ? [] : [`lags${since(laggingSince)}`]
  ]
  return states.length === 0 ? '-' : states.join(', ')
}

/** A dead letter as an operator reads it. */
const asJson = ({ target, event, reason, answer, attempts, diedAt, blocks }: DeadLetter) => ({
  event: event.id,
  target,
  reason,
  ...answer !== undefined && { answer },
  attempts,
  diedAt: new Date(diedAt).toISOString(),
  blocks,
  command: event.command,
  app: event.appId,
  receivedAt: new Date(event.receivedAt).toISOString(),
  query: event.query,
  body: event.body.toString('utf8')
})
