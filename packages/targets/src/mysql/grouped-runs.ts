import type { Run } from '../sql/statements/runs-of-event.ts'
import type { Bound } from '../sql/statements/source.ts'

/** Rows of one statement at most; each power of two below is a statement of its own to the server. */
const mostRows = 64

/** Characters that are bound in one statement at most, so that it stays below max_allowed_packet. */
const mostCharacters = 262_144

interface Group {
  entry: string
  text: string
  values: readonly Bound[]
}

/** One after the other, in their order; several in a row that insert a row each are one statement with several rows, which the server writes in their order, too. */
export function groupedRuns (runs: readonly Run[]): Group[] {
  const groups: Group[] = []
  for (let from = 0; from < runs.length;) {
    const run = runs[from]
    if (run === undefined) break
    const { entry, text, singleRow } = run.statement
    const rows = singleRow === undefined ? 1 : rowsFrom(runs, from)
    const values = runs.slice(from, from + rows).flatMap(({ values }) => values)
    groups.push({ entry, values, text: singleRow === undefined || rows === 1 ? text : severalRows(singleRow, rows) })
    from += rows
  }
  return groups
}

const severalRows = ([before, row, after]: readonly [string, string, string], rows: number): string =>
  `${before}${Array.from({ length: rows }, () => row).join(', ')}${after}`

/** How many runs of the same statement stand here, down to a power of two: so the server prepares few statements, each for good. */
function rowsFrom (runs: readonly Run[], from: number): number {
  const [first] = runs.slice(from, from + 1)
  let rows = 0
  let characters = 0
  for (; rows < mostRows && runs[from + rows]?.statement === first?.statement; rows++) {
    characters += charactersIn(runs[from + rows]?.values ?? [])
    if (rows > 0 && characters > mostCharacters) break
  }
  return 2 ** Math.floor(Math.log2(rows))
}

const charactersIn = (values: readonly Bound[]): number => values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0)
