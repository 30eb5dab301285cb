import { visibleInLine } from './visible.ts'

/** Rows as aligned columns under their headings. */
export function table (rows: readonly Record<string, string | number>[]): string {
  const headings = Object.keys(rows[0] ?? {})
  const lines = [headings, ...rows.map(row => headings.map(heading => visibleInLine(String(row[heading] ?? ''))))]
  const widths = headings.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)))
  return lines.map(line => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n')
}
