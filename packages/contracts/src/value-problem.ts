import type { ValueError } from '@sinclair/typebox/compiler'

/** What is wrong, and never the value itself: it may be personal. */
export function problemOf (error: ValueError): string {
  if (error.value === undefined) return 'is missing'
  const description: unknown = error.schema.description
  if (typeof description === 'string' && error.schema.anyOf !== undefined) return `must be ${description}`
  return error.message.replace('Expected', 'must be').replace('Required property', 'is missing')
}
