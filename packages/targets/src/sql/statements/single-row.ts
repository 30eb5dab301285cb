import type { Token } from './sql-tokens.ts'

/** What may stand beside parameters in a row that is written several times: it means the same each time. */
const constants: ReadonlySet<string> = new Set(['NULL', 'DEFAULT', 'TRUE', 'FALSE'])

/**
 * Of an INSERT or REPLACE whose parameters all stand in one row of VALUES, beside nothing but constants: what stands before the row, the row, and what stands after it.
 * @param converted what is to become of each of the three
 */
export function singleRowOf (sql: string, tokens: readonly Token[], converted: (piece: string) => string): readonly [before: string, row: string, after: string] | undefined {
  if (!['INSERT', 'REPLACE'].includes(tokens[0]?.text.toUpperCase() ?? '')) return undefined
  const open = tokens.findIndex(({ text }, at) => text === '(' && ['VALUES', 'VALUE'].includes(tokens[at - 1]?.text.toUpperCase() ?? ''))
  const close = tokens.findIndex(({ text }, at) => text === ')' && at > open)
  const [first, last] = [tokens[open], tokens[close]]
  if (first === undefined || last === undefined || tokens[close + 1]?.text === ',') return undefined
  const within = tokens.slice(open + 1, close)
  const outside = [...tokens.slice(0, open), ...tokens.slice(close + 1)]
  const repeats = within.every(({ kind, text }) => kind === 'parameter' || kind === 'number' || kind === 'quoted' || text === ',' || constants.has(text.toUpperCase()))
  if (!repeats || !within.some(({ kind }) => kind === 'parameter') || outside.some(({ kind }) => kind === 'parameter')) return undefined
  return [converted(sql.slice(0, first.from)), converted(sql.slice(first.from, last.to)), converted(sql.slice(last.to))]
}
