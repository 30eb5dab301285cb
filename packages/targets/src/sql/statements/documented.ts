import type { TSchema } from '@sinclair/typebox'

/** Whether the documentation leaves room for something at these steps of a body. */
export function isDocumented (schema: TSchema, steps: readonly string[]): boolean {
  const [step, ...further] = steps
  if (step === undefined) return true
  if (Array.isArray(schema.anyOf)) return schema.anyOf.some((choice: TSchema) => isDocumented(choice, steps))
  if (schema.type === 'array') return /^\d+$/.test(step) && isDocumented(schema.items, further)
  if (schema.type === undefined || (schema.type === 'object' && schema.properties === undefined)) return true // anything may be in it
  const field: TSchema | undefined = schema.properties?.[step]
  return field !== undefined && isDocumented(field, further)
}
