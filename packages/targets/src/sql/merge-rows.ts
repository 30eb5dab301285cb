import type { MapState, Register, Row } from './tables.ts'

/**
 * Brings the rows of one table together, one for each key: of every field the latest version. The rule is the one that the
 * upsert follows, and the result does not depend on the order. Sorted by key: whoever locks rows, locks them in this order.
 */
export function mergeRows (rows: readonly Row[]): Row[] {
  const merged = new Map<string, Row>()
  for (const row of rows) {
    const key = row.key.join('\0') // storable text has no U+0000
    const known = merged.get(key)
    merged.set(key, known === undefined ? row : merge(known, row))
  }
  return [...merged].sort(([a], [b]) => a < b ? -1 : 1).map(([, row]) => row)
}

function merge (known: Row, told: Row): Row {
  const begun = told.begun > known.begun ? told.begun : known.begun
  return { ...told, begun, fields: notBefore(begun, latest(known.fields, told.fields)), maps: mergedMaps(known.maps, told.maps) }
}

/** A beginning ends all that was before it. */
const notBefore = (beginning: string, registers: ReadonlyMap<string, Register>): Map<string, Register> =>
  new Map([...registers].filter(([, { version }]) => version >= beginning))

function latest (known: Row['fields'], told: Row['fields']): Map<string, Register> {
  const fields = new Map<string, Register>(known)
  for (const [name, register] of told) {
    const before = fields.get(name)
    if (before === undefined || register.version > before.version) fields.set(name, register)
  }
  return fields
}

function mergedMaps (known: Row['maps'], told: Row['maps']): Row['maps'] {
  const maps = new Map(known)
  for (const [name, state] of told) {
    const before = maps.get(name)
    maps.set(name, before === undefined ? state : mergeMap(before, state))
  }
  return maps
}

/** Of each member the latest version; those from before the map was last emptied are gone. */
export function mergeMap (known: MapState, told: MapState): MapState {
  const emptied = told.emptied > known.emptied ? told.emptied : known.emptied
  return { emptied, members: notBefore(emptied, latest(known.members, told.members)) }
}
