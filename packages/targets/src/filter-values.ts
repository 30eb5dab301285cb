import { createScanner } from 'jsonc-parser'

/** An object of a body. A class of its own, so that a field may be called `constructor`, and so that the types that filters meet are few. */
export class Fields extends Map<string, FilterValue> {}

/** A value as filters see it: integers as such, whatever their size. */
export type FilterValue = string | number | bigint | boolean | null | FilterValue[] | Fields

/** Bounds what a filter can cost: no callback that is documented comes near. */
const mostValues = 50_000
const deepest = 64

/** Why filters cannot look into a body. */
export class UnreadableBody extends Error {}

/** JavaScript's own parser cannot hold integers of so many digits. */
const longNumber = /\d{16}/

/**
 * The body as filters see it. Of fields with the same name the last one counts.
 * @param text JSON, without a byte order mark
 * @param parsed the same, parsed
 */
export function filterValueOf (text: string, parsed: object): FilterValue {
  let values = 0
  const converted = (value: unknown, depth: number): FilterValue => {
    if (++values > mostValues) throw new UnreadableBody('too_many_values')
    if (depth > deepest) throw new UnreadableBody('nested_too_deeply')
    if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
    if (typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value !== 'object' || value === null) return null
    if (Array.isArray(value)) return value.map((item: unknown) => converted(item, depth + 1))
    const fields = new Fields()
    for (const name of Object.keys(value)) fields.set(name, converted(Reflect.get(value, name), depth + 1))
    return fields
  }
  const value = converted(parsed, 0)
  return longNumber.test(text) ? exactValueOf(text) : value
}

/** The same once more, from the text: three times slower, and the only way to large integers. The text has been parsed before, so it is JSON. */
function exactValueOf (text: string): FilterValue {
  const scanner = createScanner(text, true)
  const open: (FilterValue[] | Fields)[] = []
  let whole: FilterValue = null
  let name: string | undefined
  const put = (value: FilterValue) => {
    const holder = open.at(-1)
    if (holder === undefined) whole = value
    else if (holder instanceof Fields) {
      holder.set(name ?? '', value)
      name = undefined
    } else holder.push(value)
    if (Array.isArray(value) || value instanceof Fields) open.push(value)
  }
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const token = scanner.getTokenValue()
    switch (text[scanner.getTokenOffset()]) {
      case '{': put(new Fields()); break
      case '[': put([]); break
      case '}': case ']': open.pop(); break
      case ':': case ',': break
      case '"':
        if (name === undefined && open.at(-1) instanceof Fields) name = token
        else put(token)
        break
      case 't': put(true); break
      case 'f': put(false); break
      case 'n': put(null); break
      default: put(/^-?\d+$/.test(token) ? BigInt(token) : Number(token))
    }
  }
  return whole
}
