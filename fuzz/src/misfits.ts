import { readMark } from '@baton/contracts'

/** Keywords that say nothing about a value. */
const silent = new Set([readMark, 'description', 'examples', 'title'])
/** Those that are understood below. */
const understood = new Set(['type', 'properties', 'required', 'items', 'patternProperties', 'anyOf', 'minLength', 'pattern', 'minimum', 'maximum'])

/**
 * What of a value does not fit a schema: for each misfit, whether Baton reads the field. Written anew and slowly, as JSON Schema says, so that
 * it shares no mistake with the compiled checks of the ingress.
 */
export function misfits (schema: unknown, value: unknown): Array<{ read: boolean }> {
  const rules = recordOf(schema)
  for (const keyword of Object.keys(rules)) if (!silent.has(keyword) && !understood.has(keyword)) throw new Error(`the model does not know the keyword ${keyword}; teach it in fuzz/src/misfits.ts`)
  const misfit = [{ read: readMark in rules }]
  const { anyOf, type } = rules
  if (Array.isArray(anyOf)) return anyOf.some(one => misfits(one, value).length === 0) ? [] : misfit
  switch (type) {
    case undefined: return []
    case 'boolean': return typeof value === 'boolean' ? [] : misfit
    case 'integer': return Number.isInteger(value) && within(rules, Number(value)) ? [] : misfit
    case 'string': return typeof value === 'string' && value.length >= Number(rules['minLength'] ?? 0) && new RegExp(String(rules['pattern'] ?? '')).test(value) ? [] : misfit
    case 'array': return Array.isArray(value) ? value.flatMap(item => misfits(rules['items'], item)) : misfit
    case 'object': return typeof value === 'object' && value !== null && !Array.isArray(value) ? fieldMisfits(rules, new Map(Object.entries(value))) : misfit
    default: throw new Error(`the model does not know the type ${String(type)}; teach it in fuzz/src/misfits.ts`)
  }
}

const within = ({ minimum = -Infinity, maximum = Infinity }: Record<string, unknown>, value: number): boolean => value >= Number(minimum) && value <= Number(maximum)

function fieldMisfits (rules: Record<string, unknown>, fields: ReadonlyMap<string, unknown>): Array<{ read: boolean }> {
  const required = Array.isArray(rules['required']) ? rules['required'] : []
  const named = Object.entries(recordOf(rules['properties'])).flatMap(([name, rule]) =>
    fields.has(name) ? misfits(rule, fields.get(name)) : required.includes(name) ? [{ read: readMark in recordOf(rule) }] : [])
  const matched = Object.entries(recordOf(rules['patternProperties'])).flatMap(([pattern, rule]) =>
    [...fields].filter(([name]) => new RegExp(pattern).test(name)).flatMap(([, value]) => misfits(rule, value)))
  return [...named, ...matched]
}

const recordOf = (value: unknown): Record<string, unknown> => typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
