import type { TSchema } from '@sinclair/typebox'
import { TypeCompiler, type TypeCheck, type ValueError, ValueErrorType } from '@sinclair/typebox/compiler'
import { entryOf } from './catalogue.ts'
import { closed } from './closed-schema.ts'
import { readMark } from './fields.ts'

/** Something in a callback that its documentation does not say. */
export interface Drift {
  kind: 'unknown-command' | 'unknown-field' | 'unfit-field'
  /** A path such as `MemberList[0].Member_Account`; empty for an unknown command. */
  field: string
  /** In words for people. */
  problem: string
  /** What kind of value stands there, and never the value: it may be personal. */
  example: string
}

/** What the schema says of a body. */
export type BodyVerdict =
  | { kind: 'fit' }
  /** Relayed all the same, and counted: an unknown command, or fields that Baton does not read. At most `mostDrifts`. */
  | { kind: 'drift', drifts: Drift[] }
  /** A field that Baton reads is missing or unfit. */
  | { kind: 'unfit', field: string, problem: string }

/** Most deviations that are told of one body. */
const mostDrifts = 20
/** Most errors that are looked at for one that decides; a body with more is drift. */
const mostErrors = 1_000

interface Checks {
  /** Whether it is exactly as documented, which nearly all are. */
  exact: TypeCheck<TSchema>
  /** Whether what is documented is as documented. */
  open: TypeCheck<TSchema>
}

/** Made when a command first comes: all at once would take a tenth of a second of each start. */
const checks = new Map<string, Checks>()

function checksOf (command: string): Checks | undefined {
  const made = checks.get(command)
  if (made !== undefined) return made
  const entry = entryOf(command)
  if (entry === undefined) return undefined
  const making = { exact: TypeCompiler.Compile(closed(entry.body)), open: TypeCompiler.Compile<TSchema>(entry.body) }
  checks.set(command, making)
  return making
}

/** Checks a parsed body against its command's schema. Nothing is coerced, stripped or defaulted. */
export function checkBody (command: string, body: object): BodyVerdict {
  const check = checksOf(command)
  if (check === undefined) return { kind: 'drift', drifts: [{ kind: 'unknown-command', field: '', problem: 'is not documented', example: shapeOf(body) }] }
  if (check.exact.Check(body)) return { kind: 'fit' }

  const drifts: Drift[] = []
  if (!check.open.Check(body)) {
    let errors = 0
    for (const error of check.open.Errors(body)) {
      if (++errors > mostErrors) break
      const [field, problem] = [spelled(error), problemOf(error)]
      if (readMark in error.schema) return { kind: 'unfit', field, problem }
      if (drifts.length < mostDrifts) drifts.push({ kind: 'unfit-field', field, problem, example: shapeOf(error.value) })
    }
  }
  for (const error of check.exact.Errors(body)) {
    if (drifts.length >= mostDrifts) break
    if (error.type === ValueErrorType.ObjectAdditionalProperties) drifts.push({ kind: 'unknown-field', field: spelled(error), problem: 'is not documented', example: shapeOf(error.value) })
  }
  return { kind: 'drift', drifts }
}

/** `/MemberList/0/Member_Account` is spelled `MemberList[0].Member_Account`. */
function spelled ({ path }: ValueError): string {
  const steps = path.split('/').slice(1).map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return steps.reduce((text, step) => /^\d+$/.test(step) ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`, '')
}

/** What is wrong, and never the value itself: it may be personal. */
function problemOf (error: ValueError): string {
  if (error.value === undefined) return 'is missing'
  const description: unknown = error.schema.description
  if (typeof description === 'string' && error.schema.anyOf !== undefined) return `must be ${description}`
  return error.message.replace('Expected', 'must be').replace('Required property', 'is missing')
}

/** `text of 12`, `list of 3`, `an object of 5`, `number`. */
function shapeOf (value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value === 'string') return `text of ${value.length}`
  if (Array.isArray(value)) return `list of ${value.length}`
  if (typeof value === 'object') return `object of ${Object.keys(value).length}`
  return typeof value
}
