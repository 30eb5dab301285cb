import type { Session, StoredMaps } from './database.ts'
import { memberTexts } from './json-text.ts'
import { mergeMap } from './merge-rows.ts'
import { tables, type MapState, type Register, type Row, type TableName } from './tables.ts'

/**
 * Brings what events tell of maps together with what the rows hold. The rows are read, merged here and written back; the upsert before
 * has made and locked them. Only rows whose maps are told of pay for it.
 */
export async function mergeMaps (session: Session, table: TableName, rows: readonly Row[]): Promise<void> {
  const told = rows.filter(({ maps }) => maps.size > 0)
  if (told.length === 0) return
  const stored = new Map((await session.readMaps(table, told.map(({ key }) => key))).map(row => [row.key.join('\0'), row]))
  await session.writeMaps(table, told.flatMap(row => {
    const before = stored.get(row.key.join('\0'))
    return before === undefined ? [] : [merged(table, before, row)]
  }))
}

function merged (table: TableName, before: StoredMaps, told: Row): StoredMaps {
  const versions = memberTexts(before.versions)
  const maps = tables[table].maps.map((name, at) => {
    const state = told.maps.get(name)
    if (state === undefined) return before.maps[at] ?? null
    const after = mergeMap(stateOf(before.maps[at] ?? null, versions.get(name)), state)
    versions.set(name, JSON.stringify({ emptied: after.emptied, members: Object.fromEntries([...after.members].map(([member, { version }]) => [member, version])) }))
    return objectText([...after.members].flatMap(([member, { value }]) => value === null ? [] : [[member, String(value)]]))
  })
  return { key: before.key, versions: objectText([...versions]), maps }
}

/** A member that has a version and no value was taken away. */
function stateOf (values: string | null, versions: string | undefined): MapState {
  const texts = values === null ? new Map<string, string>() : memberTexts(values)
  const { emptied, members } = versionsIn(versions)
  return { emptied, members: new Map<string, Register>(members.map(([name, version]) => [name, { value: texts.get(name) ?? null, version }])) }
}

function versionsIn (text: string | undefined): { emptied: string, members: [string, string][] } {
  const parts = text === undefined ? new Map<string, string>() : memberTexts(text)
  return {
    emptied: String(JSON.parse(parts.get('emptied') ?? '""')),
    members: [...memberTexts(parts.get('members') ?? '{}')].map(([name, version]) => [name, String(JSON.parse(version))])
  }
}

/** Sorted, so that the text does not depend on the order of events either. */
const objectText = (members: readonly (readonly [string, string])[]): string =>
  `{${[...members].sort(([a], [b]) => a < b ? -1 : 1).map(([name, text]) => `${JSON.stringify(name)}: ${text}`).join(', ')}}`
