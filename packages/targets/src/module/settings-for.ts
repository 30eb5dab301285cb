import { Kind } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import type { Configured } from '../target.ts'
import { describeThrown } from './describe-thrown.ts'
import type { ModuleDefinition } from './module-definition.ts'

type Problems = Configured['problems']

/**
 * The settings as a module's functions get them: checked, with defaults filled in, and decoded where the schema is one of TypeBox; or
 * what is wrong with them, without their values, or with the module itself. A key that the schema does not name is refused, unless it says itself what becomes of such keys.
 */
export function settingsFor ({ settings: schema, problemOf }: ModuleDefinition, written: object): { settings: unknown } | { problems: Problems } | { moduleProblem: string } {
  let fits: ValidateFunction
  try {
    fits = checker().compile({ additionalProperties: false, ...schema })
  } catch (error) {
    return { moduleProblem: `exports settings that are no JSON Schema of draft-07: ${error instanceof Error ? error.message : String(error)}; mend it` }
  }
  const candidate = structuredClone(written)
  if (!fits(candidate)) return { problems: uniquePlaces(fits.errors ?? []).map(problemIn) }
  try {
    const settings: unknown = Kind in schema ? Value.Parse(['Decode'], schema, candidate) : candidate
    const problem = problemOf?.(settings)
    if (problem === undefined) return { settings }
    if (!isProblem(problem)) return { moduleProblem: 'answers something else to problemOf than undefined or [setting, sentence]; mend it' }
    return { problems: [{ at: ['settings', problem[0]], problem: problem[1] }] }
  } catch (error) {
    return { problems: [{ at: ['settings'], problem: `the module failed to read them, with ${describeThrown(error)}; mend them, or the module` }] }
  }
}

const checker = () => formats.default(new Ajv({ allErrors: true, useDefaults: true, verbose: true, strictTypes: false, strictTuples: false, strictRequired: false, logger: false }))

const isProblem = (value: unknown): value is readonly [string, string] => Array.isArray(value) && value.length === 2 && value.every(part => typeof part === 'string')

interface Misfit { at: (string | number)[], error: ErrorObject }

/** One problem for each place: the first says what is wrong, those after it are consequences. */
function uniquePlaces (errors: ErrorObject[]): Misfit[] {
  const first = new Map<string, Misfit>()
  for (const error of errors) {
    const at = [...stepsOf(error.instancePath), ...missingOrUnknown(error)]
    const place = JSON.stringify(at)
    if (!first.has(place)) first.set(place, { at, error })
  }
  return [...first.values()]
}

/** What is missing or unknown is told of where it should be, or is. */
const missingOrUnknown = ({ params }: ErrorObject): string[] =>
  [params['missingProperty'], params['additionalProperty']].filter(name => typeof name === 'string')

const stepsOf = (pointer: string): (string | number)[] =>
  pointer.split('/').slice(1).map(step => /^\d+$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~'))

function problemIn ({ at, error: { keyword, message = 'does not fit', parentSchema } }: Misfit): Problems[number] {
  const name = String(at.at(-1) ?? '')
  const own: unknown = keyword === 'required' ? parentSchema?.['properties']?.[name] : parentSchema
  const description = typeof own === 'object' && own !== null && 'description' in own && keyword !== 'additionalProperties' ? `. ${String(own.description)}` : ''
  const what = { required: 'is missing', additionalProperties: 'unknown key', pattern: 'does not fit' }[keyword] ?? message
  return { at: ['settings', ...at], problem: `${what}${description}` }
}
