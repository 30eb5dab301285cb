import type { TSchema } from '@sinclair/typebox'

/** The fields that a schema names, and theirs; null where it names none within. */
type KnownFields = ReadonlyMap<string, KnownFields | null>

type Found = (steps: readonly string[], value: unknown) => boolean

/** Finds the fields of values that a schema does not name. By hand, since each acknowledgement waits for it. */
export class UnknownFields {
  readonly #known: KnownFields

  constructor (schema: TSchema) {
    this.#known = knownIn(schema) ?? new Map()
  }

  /** Calls `found` with the steps to each of them, which are valid during the call, until it answers false. */
  find (value: object, found: Found): void {
    findIn(value, this.#known, [], found)
  }
}

function findIn (value: unknown, known: KnownFields, steps: string[], found: Found): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      if (Array.isArray(value[at])) continue // no schema names a list of lists, so it is unfit; and they may be nested deeper than the stack
      steps.push(String(at))
      if (!findIn(value[at], known, steps, found)) return false
      steps.pop()
    }
    return true
  }
  for (const name of Object.keys(value)) {
    const inner = known.get(name)
    if (inner === null) continue
    steps.push(name)
    const field: unknown = Reflect.get(value, name)
    if (!(inner === undefined ? found(steps, field) : findIn(field, inner, steps, found))) return false
    steps.pop()
  }
  return true
}

function knownIn (schema: TSchema): KnownFields | null {
  if (schema.type === 'array') return knownIn(schema.items)
  if (schema.type !== 'object' || schema.properties === undefined) return null
  return new Map(Object.entries<TSchema>(schema.properties).map(([name, field]) => [name, knownIn(field)]))
}
