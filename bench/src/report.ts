import type { Contender } from './contenders.ts'
import type { Machine } from './machine.ts'
import type { Ratio, Summary } from './summarize.ts'

/** Above this share of a core the generator may be what was measured. */
const busy = 0.9

/** One table for each number of connections. */
export function report (machine: Machine, generator: string, contenders: readonly Contender[], summaries: readonly Summary[]): string {
  const counts = [...new Set(summaries.map(({ connections }) => connections))]
  const misfits = summaries.filter(({ wrong, broken }) => wrong + broken > 0)
  return [
    `${machine.cores} cores shared by all (${machine.processor}), Node ${machine.node}, ${machine.platform}, flush ${machine.flush.toFixed(2)} ms, load by ${generator}`,
    ...contenders.map(({ name, what }) => `  ${name.padEnd(7)} ${what}`),
    ...counts.flatMap(count => [
      '',
      `${count} ${count === 1 ? 'connection' : 'connections'}`,
      row('', 'acks/s', 'spread', 'of B', 'of F', 'p50 ms', 'p99 ms', 'max ms', 'CPU us/ack', 'load CPU'),
      ...summaries.filter(({ connections }) => connections === count).map(summary => row(
        summary.contender,
        summary.acksPerSecond.toFixed(0),
        `${summary.lowest.toFixed(0)}-${summary.highest.toFixed(0)}`,
        ratio(summary.ratios.B),
        ratio(summary.ratios.F),
        summary.p50.toFixed(2),
        summary.p99.toFixed(2),
        summary.max.toFixed(1),
        summary.serverMicroseconds?.toFixed(0) ?? '?',
        summary.generatorCores === undefined ? '?' : `${(summary.generatorCores * 100).toFixed(0)} %${summary.generatorCores > busy ? ' (!)' : ''}`
      ))
    ]),
    '',
    misfits.length === 0
      ? 'Every answer was HTTP 200 with ErrorCode 0.'
      : `NOT every answer was right: ${misfits.map(({ contender, connections, wrong, broken }) => `${contender} at ${connections}: ${wrong} wrong, ${broken} broken`).join('; ')}.`,
    ...(summaries.some(({ generatorCores = 0 }) => generatorCores > busy) ? ['(!) The generator had no CPU to spare: the server may be faster than this, and ratios are flatter than they should be.'] : [])
  ].join('\n')
}

/** Median, and lowest to highest. */
const ratio = (of: Ratio | undefined): string => of === undefined ? '' : `${of.median.toFixed(2)} (${of.lowest.toFixed(2)}-${of.highest.toFixed(2)})`

const widths = [9, 15, 19, 19]
const row = (name: string, ...cells: string[]): string => name.padEnd(8) + cells.map((cell, at) => cell.padStart(widths[at] ?? 11)).join('')
