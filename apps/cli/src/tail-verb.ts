import { isCommandPattern, type JournalledEvent } from '@baton/contracts'
import { eventLine, forwardTo, tail, type ForwardAnswer, type TailFilter } from '@baton/operations'
import { BatonError, type StyleSettings } from '@baton/runtime'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { integer } from './integer.ts'
import { withQueues } from './operator.ts'
import { print } from './print.ts'
import { visible, visibleInLine } from './visible.ts'

/** What waits for the receiver of --forward; what comes beyond is left out, and told. */
const mostWaiting = { events: 1_000, bytes: 64 << 20 }

interface TailFlags {
  app?: number
  group?: string
  topic?: string
  account?: string
  count?: number
  body?: boolean
  forward?: string
  style: StyleSettings['style']
  secret?: string
  token?: string
  json?: boolean
}

/** Adds `tail`. */
export function addTailVerb (program: Command): void {
  program.command('tail')
    .description('watch events as they are routed, or post them to a URL such as one on your laptop')
    .argument('[commands...]', "only these commands; patterns such as 'Group.*' will do")
    .option('--app <sdkAppId>', 'only of this app', integer(1, 4_294_967_295))
    .option('--group <id>', 'only about this group, community or room')
    .option('--topic <id>', 'only about this topic')
    .option('--account <id>', 'only about this account')
    .option('--count <n>', 'end after so many', integer(1, 1_000_000_000))
    .option('--body', 'show bodies too')
    .option('--forward <url>', 'post each event there, one after the other, and show what is answered', url)
    .addOption(new Option('--style <style>', 'how --forward presents them, as `style` of a webhook target').choices(['baton', 'tencent']).default('baton'))
    .option('--secret <whsec>', 'signs what --forward posts in style baton')
    .option('--token <token>', 'signs what --forward posts in style tencent')
    .option('--json', 'print JSON lines, which `baton send --file` can send again')
    .action(async (commands: string[], { app, group, topic, account, count, forward, style, secret, token, ...show }: TailFlags) => {
      const unfit = commands.find(command => !isCommandPattern(command))
      if (unfit !== undefined) throw new BatonError('BAD_ARGUMENT', `${unfit} is no command and no pattern of commands; one is Group.CallbackAfter*, in quotes.`)
      const filter: TailFilter = { commands: commands.length > 0 ? commands : undefined, app, group, topic, account }
      const stopping = new AbortController()
      const ask = forward === undefined ? undefined : forwardTo(forward, { style, ...(secret !== undefined && { secrets: [secret] }), ...(token !== undefined && { token }) }, stopping.signal)
      const stop = () => { stopping.abort() }
      process.once('SIGINT', stop).once('SIGTERM', stop)
      const waiting = { events: 0, bytes: 0 }
      let line = Promise.resolve()
      const follow = (event: JournalledEvent) => {
        if (ask === undefined) return print(show.json ? eventLine(event) : textLine(event, show.body))
        if (waiting.events >= mostWaiting.events || waiting.bytes >= mostWaiting.bytes) return complain(`${event.id} is left out: ${waiting.events} events wait for the receiver already`)
        waiting.events += 1
        waiting.bytes += event.body.length
        line = line.then(async () => {
          if (stopping.signal.aborted) return
          const answer = await ask(event)
          waiting.events -= 1
          waiting.bytes -= event.body.length
          print(show.json ? eventLine(event, { answer }) : `${textLine(event, show.body)}\n  ${answerText(answer)}`)
        })
      }
      await withQueues(async queues => {
        if (!show.json) complain('watching; Ctrl-C ends it')
        await tail(queues, {
          filter,
          count,
          signal: stopping.signal,
          onEvent: follow,
          onBlind: error => { complain(`Redis does not take that somebody watches, so events may go by unseen: ${error instanceof Error ? error.message : String(error)}`) },
          onMissed: times => { complain(`${times} batches of events were missed: they come faster than they can be shown`) }
        })
        await line
      })
    })
}

const complain = (text: string): void => { process.stderr.write(`${visible(text)}\n`) }

const textLine = ({ id, appId, command, receivedAt, orderingKey, body, decision }: JournalledEvent, withBody = false): string => [
  `${new Date(receivedAt).toISOString()}  ${command}  app ${appId}  ${orderingKey.replaceAll('\n', ' + ')}  ${body.length} bytes${decision === undefined ? '' : `  ${decision.verdict} by ${decision.by} in ${Math.round(decision.took)} ms`}  ${id}`,
  ...withBody ? body.toString('utf8').split(/\r?\n/).map(line => `  ${line}`) : []
].map(visibleInLine).join('\n')

const answerText = (answer: ForwardAnswer): string => visibleInLine('status' in answer
  ? `HTTP ${answer.status} after ${Math.round(answer.took)} ms${answer.body.trim() === '' ? '' : `: ${answer.body.trim().replaceAll(/\s+/g, ' ')}`}`
  : `no answer after ${Math.round(answer.took)} ms: ${answer.problem}`)

function url (text: string): string {
  if (!URL.canParse(text)) throw new InvalidArgumentError('write a URL such as http://127.0.0.1:3000/callbacks')
  return text
}
