import type { Register, Row } from './tables.ts'

/**
 * Brings the rows of one table together, one for each key: of every field the latest version. The rule is the one that the
 * upsert follows, and the result does not depend on the order. Sorted by key: whoever locks rows, locks them in this order.
 */
export function mergeRows (rows: readonly Row[]): Row[] {
  const merged = new Map<string, Row>()
  for (const row of rows) {
    const key = row.key.join('\0') // storable text has no U+0000
    const known = merged.get(key)
    merged.set(key, known === undefined ? row : { ...row, fields: latest(known.fields, row.fields) })
  }
  return [...merged].sort(([a], [b]) => a < b ? -1 : 1).map(([, row]) => row)
}

function latest (known: Row['fields'], told: Row['fields']): Row['fields'] {
  const fields = new Map<string, Register>(known)
  for (const [name, register] of told) {
    const before = fields.get(name)
    if (before === undefined || register.version > before.version) fields.set(name, register)
  }
  return fields
}
