/// <reference lib="es2024.string" />

/** Text that every database can hold: no U+0000 (PostgreSQL) and no lone surrogates. Two texts that are the same there are the same here. */
export const storableText = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed()

/** A parsed JSON value whose texts and keys are storable. */
export function storableJson (value: unknown): unknown {
  if (typeof value === 'string') return storableText(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(storableJson)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), storableJson(item)]))
}
