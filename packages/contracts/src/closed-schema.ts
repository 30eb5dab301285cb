import type { TSchema } from '@sinclair/typebox'

/** The same schema, in which no object may have a field that it does not name. */
export function closed<T extends TSchema> (schema: T): T {
  const { properties, items, anyOf } = schema
  return {
    ...schema,
    ...(isRecord(properties) ? { properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, closedIfSchema(field)])), additionalProperties: false } : {}),
    ...(isRecord(items) ? { items: closedIfSchema(items) } : {}),
    ...(Array.isArray(anyOf) ? { anyOf: anyOf.map(closedIfSchema) } : {})
  }
}

const closedIfSchema = (value: unknown): unknown => isSchema(value) ? closed(value) : value

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null

const isSchema = (value: unknown): value is TSchema => isRecord(value)
