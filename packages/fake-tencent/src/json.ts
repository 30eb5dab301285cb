export interface JsonObject { [name: string]: Json }

/** JSON in which a bigint stands for a number that JavaScript cannot hold, and is written as its digits. */
export type Json = string | number | bigint | boolean | Json[] | JsonObject

/** Compact, as Tencent writes it. */
export function jsonText (value: Json): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  return `{${Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${jsonText(inner)}`).join(',')}}`
}

/** The same JSON in ASCII alone, as one log of real callbacks shows them. */
export const asciiText = (json: string): string =>
  json.replaceAll(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
