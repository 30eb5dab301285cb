import { AppsSettings } from '@baton/runtime'
import { Type } from '@sinclair/typebox'
import { targetNamePattern, targetSchema } from './target-settings.ts'
import { targetTypes } from './target-types.ts'

/** The JSON Schema of the relay file, for editors. `baton check` is stricter: it knows what one field alone does not tell. */
export const relaySchema = () => asWritten(Type.Object({
  apps: AppsSettings,
  targets: Type.Record(Type.String({ pattern: targetNamePattern }), Type.Union(targetTypes.map(targetSchema)), {
    minProperties: 1,
    additionalProperties: false,
    description: 'Where events go, by name.'
  })
}, { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Relay file of Baton', additionalProperties: false }))

/** A TypeBox object requires its fields after defaults are filled in; a person need not write what has a default. */
function asWritten<T> (schema: T): T {
  return JSON.parse(JSON.stringify(schema), (_, node: unknown) => {
    if (typeof node !== 'object' || node === null || !('required' in node) || !('properties' in node)) return node
    const { required, properties, ...rest } = node
    if (!Array.isArray(required) || typeof properties !== 'object' || properties === null) return node
    const defaulted = new Set(Object.entries(properties).flatMap(([name, property]) => 'default' in Object(property) ? [name] : []))
    return { ...rest, properties, required: required.filter(name => !defaulted.has(name)) }
  })
}
