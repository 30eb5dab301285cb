import type { TObject } from '@sinclair/typebox'
import type { Target, TargetDefinition } from '../target.ts'

/** A target as a module defines it: nothing is known of what its functions answer. `settings` is a JSON Schema, or one of TypeBox. */
export type ModuleDefinition = Pick<TargetDefinition<TObject>, 'type' | 'settings' | 'together'> & Partial<Record<'problemOf' | 'needsEmbeddedPostgres' | 'describe', (settings: unknown) => unknown>> & {
  open: (settings: unknown, context: object) => unknown
}

/** A target that a module has opened. */
export type ModuleTarget = { [name in keyof Target]: (...given: Parameters<NonNullable<Target[name]>>) => unknown }

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

export const isTarget = (value: unknown): value is ModuleTarget =>
  isObject(value) && typeof value['deliver'] === 'function' && typeof value['close'] === 'function' && isFunctionIfThere(value['test'])

const isFunctionIfThere = (value: unknown) => value === undefined || typeof value === 'function'

const isDefinition = (value: unknown): value is ModuleDefinition => isObject(value) && problemsOfShape(value).length === 0

/** The target that a module exports; throws an error that says what is wrong with it. */
export function definitionIn (exported: object): ModuleDefinition {
  const given = targetIn(exported)
  if (given === undefined) throw new Error('exports no target; write `export const target = { type, settings, open }`, or `export default` before the object')
  if (isDefinition(given)) return given
  throw new Error(`exports a target that does not fit: ${isObject(given) ? problemsOfShape(given).join(', ') : 'it must be an object'}; docs/adding-a-target.md tells what it must have`)
}

/** Compiled to CommonJS, a default export is the `default` of the default. */
function targetIn (exported: object): unknown {
  if ('target' in exported) return exported.target
  if (!('default' in exported)) return undefined
  const given = exported.default
  if (!isObject(given)) return given
  return given['__esModule'] === true ? targetIn({ ...given, __esModule: false }) : 'open' in given || !('target' in given) ? given : given['target']
}

/** Of this many events up to 1 MiB long a worker can still hold some in its memory. */
const mostTogether = 1_000

function problemsOfShape ({ type, settings, together, open, problemOf, needsEmbeddedPostgres, describe }: Record<string, unknown>): string[] {
  return [
    ...typeof type === 'string' && /^[a-z][a-z0-9-]{0,47}$/.test(type) ? [] : ['type must be a name of lower-case letters, digits and hyphens'],
    ...isObject(settings) && settings['type'] === 'object' && isObject(settings['properties']) ? [] : ['settings must be a JSON Schema with type: "object" and properties'],
    ...together === undefined || (Number.isInteger(together) && Number(together) >= 1 && Number(together) <= mostTogether) ? [] : [`together must be a whole number from 1 to ${mostTogether}, or left out`],
    ...typeof open === 'function' ? [] : ['open must be a function'],
    ...isFunctionIfThere(problemOf) ? [] : ['problemOf must be a function, or left out'],
    ...isFunctionIfThere(needsEmbeddedPostgres) ? [] : ['needsEmbeddedPostgres must be a function, or left out'],
    ...isFunctionIfThere(describe) ? [] : ['describe must be a function, or left out']
  ]
}
