import type { TSchema } from '@sinclair/typebox'
import { readMark } from './fields.ts'

/** A field of a body, at any depth. */
export interface Field {
  /** Spelled as documentation does it: `MemberList[].Member_Account`. */
  path: string
  name: string
  schema: TSchema
  /** In the object that it stands in. */
  required: boolean
  /** Whether Baton reads it: then it decides whether a callback is refused. */
  read: boolean
}

/** All fields of a schema, each before those that stand in it. What an open object may hold is none. */
export function fieldsOf (schema: TSchema, prefix = ''): Field[] {
  const required: readonly string[] = schema.required ?? []
  return Object.entries<TSchema>(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`
    const inner = field.type === 'array' ? fieldsOf(field.items, `${path}[].`) : fieldsOf(field, `${path}.`)
    return [{ path, name, schema: field, required: required.includes(name), read: readMark in field }, ...inner]
  })
}
