import { randomUUID } from 'node:crypto'
import { testCommand } from '@baton/contracts'
import { targetPause, targetResume, targetRetire, type Leftover } from '@baton/operations'
import { BatonError } from '@baton/runtime'
import type { Command } from 'commander'
import { confirmed } from './confirmed.ts'
import { withQueues } from './operator.ts'
import { print, printJson } from './print.ts'
import { withTarget } from './relay-target.ts'
import { visibleInLine } from './visible.ts'

/** Adds `target pause`, `resume`, `retire` and `test`. */
export function addTargetVerbs (program: Command): void {
  const target = program.command('target').description('pause, resume, retire and test a target')

  target.command('pause')
    .description('end all attempts at a target until it is resumed; its events wait, and new ones are acknowledged as ever')
    .argument('<name>')
    .option('--reason <text>', 'why, for whoever looks at `baton status` next')
    .option('--json', 'print JSON')
    .action(async (name: string, { reason, json }: { reason?: string, json?: boolean }) => {
      const paused = await withQueues(async queues => await targetPause(queues, name, reason))
      if (json) return printJson({ target: name, paused })
      print(paused ? `${name} is paused: deliveries in hand end, and no further one is tried. \`baton target resume ${name}\` goes on` : `${name} was paused already`)
    })

  target.command('resume')
    .description('let a target have events again, at once: whether it is paused, parked after failures, being drained, or has asked for a rest')
    .argument('<name>')
    .option('--json', 'print JSON')
    .action(async (name: string, { json }: { json?: boolean }) => {
      const resumed = await withQueues(async queues => await targetResume(queues, name))
      if (json) return printJson({ target: name, resumed })
      print(resumed ? `${name} gets events again` : `nothing stood in the way of ${name}`)
    })

  target.command('retire')
    .description('end a target for good: from now on it gets no new events')
    .argument('<name>')
    .option('--drain', 'bring it first what it still awaits')
    .option('--drop', 'give up what it still awaits, and its dead letters')
    .option('--dry-run', 'only tell what there is')
    .option('--yes', 'ask nothing')
    .option('--json', 'print JSON')
    .action(async (name: string, { drain, drop, dryRun, yes, json }: { drain?: boolean, drop?: boolean, dryRun?: boolean, yes?: boolean, json?: boolean }) => {
      if ((drain === true) === (drop === true)) throw new BatonError('BAD_ARGUMENT', 'Say how: --drain brings the target what it still awaits, --drop gives it up.')
      const mode = drain === true ? 'drain' : 'drop'
      const { found, done } = await withQueues(async queues => {
        if (mode === 'drop' && dryRun !== true && yes !== true) {
          const { found } = await targetRetire(queues, name, { mode, dryRun: true })
          if (!await confirmed(`Give up for good what waits for ${name} (${leftText(found)})?`)) throw new BatonError('BAD_ARGUMENT', 'Nothing was changed.')
        }
        return await targetRetire(queues, name, { mode, dryRun, onLook: looks(name) })
      })
      if (json) return printJson({ target: name, mode, done, found })
      if (dryRun) return print(`${name}: ${leftText(found)}`)
      print(`${name} is retired (${leftText(found)} ${mode === 'drain' ? 'delivered' : 'given up'}). Take it out of the relay file, if it is still in there; named again after that, it begins anew`)
    })

  target.command('test')
    .description(`ask a target of the relay file, from this machine, whether it would take events; a webhook gets a callback of the command ${testCommand}`)
    .argument('<name>')
    .option('--json', 'print JSON')
    .action(async (name: string, { json }: { json?: boolean }) => {
      const { took, ...outcome } = await testTarget(name)
      if (outcome.kind !== 'delivered') process.exitCode = 1
      if (json) return printJson({ target: name, took: Math.round(took), ...outcome })
      print(visibleInLine(outcome.kind === 'delivered' ? `${name} takes events: it answered after ${Math.round(took)} ms` : `${name} does not take events (${outcome.code}): ${outcome.reason}${outcome.answer === undefined ? '' : `. It said: ${outcome.answer}`}`))
    })
}

const leftText = ({ deliveries, laned, dead, inJournals }: Leftover): string =>
  [counted(deliveries, 'delivery', 'deliveries'), ...laned > 0 ? [counted(laned, 'event in a lane', 'events in lanes')] : [], counted(dead, 'dead letter', 'dead letters'), ...inJournals > 0 ? [counted(inJournals, 'event in a journal', 'events in journals')] : []].join(', ')

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** Tells what is left whenever it has changed. */
function looks (name: string): (left: Leftover, unaware: readonly string[]) => void {
  let told = ''
  return (left, unaware) => {
    const text = `${name}: ${leftText(left)} left${left.standsStill === undefined ? '' : `, and it is ${left.standsStill}: see \`baton status\``}${unaware.length > 0 ? `; ${unaware.join(', ')} not told yet` : ''}`
    if (text === told) return
    told = text
    process.stderr.write(`${visibleInLine(text)}\n`)
  }
}

const testTarget = async (name: string) => await withTarget(name, async ({ configured, target, apps: [appId = 0] }) => {
  if (target.test === undefined) throw new BatonError('BAD_ARGUMENT', `A target of type ${configured.type} cannot be tested: it has nothing that it could ask. A module has, where what it opens has a function test (docs/adding-a-target.md).`)
  const started = performance.now()
  const outcome = await target.test({ signal: AbortSignal.timeout(configured.timeout), appId, id: `test_${randomUUID()}` })
  return { ...outcome, took: performance.now() - started }
})
