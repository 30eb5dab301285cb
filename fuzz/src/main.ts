import { parseArgs } from 'node:util'
import { hexDump } from './hex-dump.ts'
import { report } from './report.ts'
import { runFuzz } from './run-fuzz.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000)) },
    case: { type: 'string' }
  }
})

/** Of one case, or of some in a row: `17`, `4000-7999`. */
const [first, last = first] = values.case?.split('-').map(Number) ?? []
const replayed = first !== undefined && last !== undefined
const numbers = [Number(values.seed), Number(values.requests), first ?? 0, last ?? 0]
if (!numbers.every(number => Number.isSafeInteger(number) && number >= 0)) {
  process.stderr.write('npm run fuzz -- [--requests N] [--seed N] [--case N | --case N-M]: all of them are whole numbers.\n')
  process.exit(2)
}

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { stopping.abort() })

const seed = Number(values.seed)
const result = await runFuzz({
  seed,
  slow: true,
  signal: stopping.signal,
  ...(replayed ? { from: first, cases: last - first + 1 } : { from: 0, cases: Number(values.requests) }),
  onRound: ({ cases, requests, memory }) => { process.stderr.write(`${cases} cases, ${requests} requests${memory === undefined ? '' : `, the ingress has ${memory} MiB`}\n`) },
  ...(replayed && first === last && {
    onCase: ({ changes, steps, expected, coda }, { answers }) => {
      process.stderr.write(`${changes.join(' and ') || 'unchanged'}\n`)
      for (const step of steps) process.stderr.write(typeof step === 'string' ? `${step}\n` : 'wait' in step ? `wait ${step.wait} ms\n` : hexDump(step.send))
      for (const { verdicts } of coda.length > 0 ? [...expected, { verdicts: coda }] : expected) process.stderr.write(`may be: ${verdicts.map(({ ending }) => ending).join(', or ')}\n`)
      for (const { status, body } of answers) process.stderr.write(`was: ${status} ${body}\n`)
    }
  })
})
if (stopping.signal.aborted) process.exit(130)
const { text, passed } = report(result, { complete: !replayed })
process.stdout.write(text)
process.exit(passed ? 0 : 1)
