import type { DrillResult } from './run-drill.ts'

const heads = ['drill', '', 'acked', 'delivered', 'lost', 'repeats', 'refused', 'unanswered', 'SQL rows', 'longest ack', 'took', '']

/** The results as a table, and below it what did not hold; or all that was checked. */
export function table (results: readonly DrillResult[], { all = false } = {}): string {
  const rows = results.map(({ drill, title, acked, delivered, lost, repeats, repeatsBound, refused, unanswered, rows, longestAck, seconds, passed }) =>
    [drill, title, acked, delivered, lost, repeatsBound === null || (repeats === 0 && repeatsBound === 0) ? repeats : `${repeats} of ${repeatsBound}`, refused, unanswered, rows ?? '', `${longestAck} ms`, `${seconds} s`, passed ? 'ok' : 'FAILED'].map(String))
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()
  return [line(heads), ...rows.map(line), ...results.flatMap(complaints), ...(all ? results.flatMap(whatHolds) : [])].join('\n')
}

function complaints ({ drill, lost, lostIds, repeats, repeatsBound, checks, error, folder }: DrillResult): string[] {
  const all = [
    ...(error === null ? [] : [error]),
    ...(lost === 0 ? [] : [`${lost} lost: ${lostIds.join(' ')}${lost > lostIds.length ? ' ...' : ''}`]),
    ...(repeatsBound === null || repeats <= repeatsBound ? [] : [`${repeats} repeats, more than the ${repeatsBound} that were not settled, or only just`]),
    ...checks.filter(({ holds }) => !holds).map(({ what }) => `does not hold: ${what}`)
  ]
  return [...all.map(complaint => `  ${drill}: ${complaint}`), ...(folder === null ? [] : [`  ${drill}: see ${folder}`])]
}

const whatHolds = ({ drill, checks }: DrillResult): string[] =>
  checks.filter(({ holds }) => holds).map(({ what }) => `  ${drill}: holds: ${what}`)
