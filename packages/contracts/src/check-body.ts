import type { TSchema } from '@sinclair/typebox'
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler'
import { entryOf } from './catalogue.ts'
import { fieldPath, fieldPlace, fieldPlaceOf } from './field-path.ts'
import { readMark } from './fields.ts'
import { UnknownFields } from './unknown-fields.ts'
import { problemOf } from './value-problem.ts'

/** What there is that documentation does not say. */
export const driftKinds = ['unknown-command', 'unknown-field', 'unfit-field'] as const

/** Something in a callback that its documentation does not say. */
export interface Drift {
  kind: (typeof driftKinds)[number]
  /**
   * A path such as `MemberList[].Member_Account`, the same in every element of a list; empty for an unknown command. Senders choose the names of unknown
   * fields, so it is cut after 200 characters, and control characters are spelled out.
   */
  field: string
  /** In words for people. */
  problem: string
  /** What kind of value stands there, and never the value: it may be personal. */
  example: string
}

/** What the schema says of a body. */
export type BodyVerdict =
  | { kind: 'fit' }
  /** Relayed all the same, and counted: an unknown command, or fields that Baton does not read. Each once, at most `mostDrifts`; `more` where there are still others. */
  | { kind: 'drift', drifts: Drift[], more?: boolean }
  /** A field that Baton reads is missing or unfit. */
  | { kind: 'unfit', field: string, problem: string }

/** Most deviations that are told of one body. */
const mostDrifts = 20
/** Most errors that are looked at, for one that decides and for those that tell something new; a body with more is drift. */
const mostErrors = 1_000

interface Checks {
  /** Whether what is documented is as documented. */
  fields: TypeCheck<TSchema>
  /** What there is besides. */
  others: UnknownFields
}

/** Made when a command first comes: all at once would take a tenth of a second of each start. */
const checks = new Map<string, Checks>()

function checksOf (command: string): Checks | undefined {
  const made = checks.get(command)
  if (made !== undefined) return made
  const entry = entryOf(command)
  if (entry === undefined) return undefined
  const making = { fields: TypeCompiler.Compile<TSchema>(entry.body), others: new UnknownFields(entry.body) }
  checks.set(command, making)
  return making
}

/** Checks a parsed body against its command's schema. Nothing is coerced, stripped or defaulted. */
export function checkBody (command: string, body: object): BodyVerdict {
  const check = checksOf(command)
  if (check === undefined) return { kind: 'drift', drifts: [{ kind: 'unknown-command', field: '', problem: 'is not documented', example: shapeOf(body) }] }

  const drifts = new Map<string, Drift>()
  let beyond = 0
  const note = (kind: Drift['kind'], field: string, problem: string, value: unknown) => {
    const key = `${kind} ${field}`
    if (drifts.has(key)) return
    if (drifts.size < mostDrifts) drifts.set(key, { kind, field, problem, example: shapeOf(value) })
    else beyond += 1
  }
  if (!check.fields.Check(body)) {
    let errors = 0
    for (const error of check.fields.Errors(body)) {
      if (++errors > mostErrors) break
      if (readMark in error.schema) return { kind: 'unfit', field: fieldPath(error.path), problem: problemOf(error) }
      note('unfit-field', fieldPlace(error.path), problemOf(error), error.value)
    }
  }
  let others = 0
  check.others.find(body, (steps, value) => {
    note('unknown-field', fieldPlaceOf(steps), 'is not documented', value)
    return ++others < mostErrors && beyond === 0
  })
  return drifts.size === 0 ? { kind: 'fit' } : { kind: 'drift', drifts: [...drifts.values()], ...(beyond > 0 && { more: true }) }
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
