import { isExpected, isMisbehaviour, misbehaviours, send, type Misbehaviour, type Outcome, type Posted } from '@baton/operations'
import { InvalidArgumentError, type Command } from 'commander'
import { integer } from './integer.ts'
import { print, printJson } from './print.ts'
import { progressBar, type ProgressBar } from './progress-bar.ts'
import { readRecordingFile, sendSettings } from './send-settings.ts'
import { table } from './table.ts'
import { visible } from './visible.ts'

interface Options {
  all?: boolean
  count?: number
  rate?: number
  connections?: number
  seed?: number
  to?: string
  app?: number
  token?: string
  file?: string
  misbehave?: Misbehaviour[]
  share?: number
  json?: boolean
}

/** Adds `send`. */
export function addSendVerb (program: Command): void {
  program.command('send')
    .description('post realistic callbacks to an ingress, or to any URL')
    .argument('[command...]', "commands, or patterns such as 'Group.*': e.g. Group.CallbackAfterCreateTopic")
    .option('--all', 'every command that Tencent documents, in turn')
    .option('--count <n>', 'how many; default: each command once, or each recorded callback of the file', integer(1, 10_000_000))
    .option('--rate <n>', 'how many a second; default: each waits for the answer to the one before', integer(1, 100_000))
    .option('--connections <n>', 'connections at once; default: 1, or with --rate as many as it takes, up to 256', integer(1, 1_000))
    .option('--seed <n>', 'make up the same callbacks every time, of a time in 2026', integer(0, 2 ** 32 - 1))
    .option('--file <path>', 'send what stands in this file, in turn: a recorded callback a line, or a bare body a line')
    .option('--to <url>', 'the ingress; default: the one that runs with these settings')
    .option('--app <sdkAppId>', 'the app; default: the first of the relay file, or that of the recording', integer(1, 2 ** 32 - 1))
    .option('--token <token>', 'sign with this token; default: that of the app in the relay file. Other users of this machine can see it')
    .option('--misbehave <kinds>', `do on purpose what should not be, separated by commas: ${Object.entries(misbehaviours).map(([kind, { what }]) => `${kind} (${what})`).join(', ')}`, misbehaviourList)
    .option('--share <share>', 'how many of them misbehave: 0.1 is every tenth; default: all', share)
    .option('--json', 'print JSON')
    .action(async (patterns: string[], { all, file, to, app, token, json, ...options }: Options) => {
      const commands = [...patterns.flatMap(text => text.split(',')).filter(text => text !== ''), ...all === true ? ['*'] : []]
      const report = json === true ? silent : reporter()
      const interrupted = new AbortController()
      const interrupt = () => { interrupted.abort() }
      process.once('SIGINT', interrupt) // the second one ends it at once
      try {
        const settings = sendSettings(app)
        const posted = await send({
          ...options,
          to: to ?? settings.to,
          appId: settings.appId,
          token,
          tokens: settings.tokenOfApp,
          commands,
          replaceApp: app !== undefined,
          recording: file === undefined ? undefined : readRecordingFile(file),
          signal: interrupted.signal,
          onStart: report.start,
          onOutcome: report.outcome
        })
        report.end()
        if (json === true) printJson(posted)
        else if (posted.sent !== 1) print(summary(posted))
        else if (posted.unexpected === 0) print(report.last())
        else if (Object.keys(posted.misbehaved).length > 0) print(astrayLines(posted).join('\n')) // what was answered has been told
        if (posted.unexpected > 0) process.exitCode = 1
      } finally {
        report.end()
        process.off('SIGINT', interrupt)
      }
    })
}

function misbehaviourList (text: string): Misbehaviour[] {
  const kinds = text.split(',').map(kind => kind.trim())
  const known = kinds.filter(isMisbehaviour)
  if (known.length < kinds.length) throw new InvalidArgumentError(`It must be some of ${Object.keys(misbehaviours).join(', ')}, separated by commas.`)
  return known
}

function share (text: string): number {
  const value = Number(text)
  if (!/^[01]?(\.\d+)?$/.test(text) || text === '' || value > 1) throw new InvalidArgumentError('It must be a number from 0 to 1, such as 0.1.')
  return value
}

interface Reporter {
  start: (count: number) => void
  outcome: (outcome: Outcome) => void
  end: () => void
  /** What became of the last one. */
  last: () => string
}

const silent: Reporter = { start: () => {}, outcome: () => {}, end: () => {}, last: () => '' }

/** Shows progress on a terminal, and the first of each kind of answer that should not be. */
function reporter (): Reporter {
  const told = new Set<string>()
  let bar: ProgressBar | undefined
  let last = ''
  return {
    // Whoever reads our answer through a pipe or from a file wants nothing beside it.
    start: count => { bar = count > 1 && process.stdout.isTTY ? progressBar(process.stderr, count) : undefined },
    outcome: outcome => {
      last = visible(textOf(outcome))
      const kind = kindOf(outcome)
      if (!isExpected(outcome) && !told.has(kind)) {
        told.add(kind)
        bar?.clear()
        process.stderr.write(`${last}\n`)
      }
      bar?.step()
    },
    end: () => bar?.clear(),
    last: () => last
  }
}

function textOf (outcome: Outcome): string {
  switch (outcome.kind) {
    case 'answer': {
      const { status, errorCode, errorInfo, took } = outcome.answer
      return `HTTP ${status}, ErrorCode ${errorCode ?? 'missing'}${errorInfo === '' ? '' : `: ${errorInfo}`} after ${took.toFixed(1)} ms`
    }
    case 'silence': return `no answer: ${outcome.reason}`
    case 'cut': return 'broken off on purpose'
  }
}

/** Those of one kind are told once. */
const kindOf = (outcome: Outcome): string =>
  outcome.kind === 'answer' ? `${outcome.answer.status} ${outcome.answer.errorCode} ${outcome.misbehaviour}` : textOf(outcome)

function summary (posted: Posted): string {
  const { sent, acknowledged, refused, unanswered, cut, rate, latency, answers, silences, misbehaved } = posted
  const wrong = Object.entries(misbehaved)
  const rows = [
    ...answers.map(({ status, errorCode, errorInfo, count }) => ({ HTTP: status, ERRORCODE: errorCode ?? '-', COUNT: count, SAYS: errorInfo === '' ? '-' : errorInfo })),
    ...silences.map(({ reason, count }) => ({ HTTP: '-', ERRORCODE: '-', COUNT: count, SAYS: `no answer: ${reason}` }))
  ]
  return [
    `${sent} sent, ${acknowledged} acknowledged, ${refused} refused, ${unanswered} unanswered${cut === 0 ? '' : `, ${cut} broken off`}; ${rate} a second`,
    ...latency === null ? [] : [`acknowledged after p50 ${ms(latency.p50)}, p90 ${ms(latency.p90)}, p99 ${ms(latency.p99)}, at most ${ms(latency.max)}`],
    ...wrong.length === 0 ? [] : [`on purpose: ${wrong.map(([kind, count]) => `${count} ${kind}`).join(', ')}`],
    ...wrong.length === 0 ? [] : astrayLines(posted),
    ...rows.length < 2 ? [] : [table(rows)]
  ].join('\n')
}

/** Why it was not as it should be, by what was wrong on purpose. */
const astrayLines = ({ astray }: Posted): string[] => astray.map(({ misbehaviour, ended, count }) => {
  const should = misbehaviour === null || misbehaviours[misbehaviour].isAcknowledged ? 'acknowledged' : 'refused'
  const doubt = should === 'refused' && ended === 'acknowledged' ? '; does the app have tokens, there?' : ''
  return `${misbehaviour ?? 'the others'}: ${count} ${ended}, should be ${should}${doubt}`
})

const ms = (milliseconds: number): string => `${milliseconds.toFixed(1)} ms`
