import { Type, type Static } from '@sinclair/typebox'
import { TargetDescription } from '../target.ts'

/** What is to be tried. */
export interface TrialTask {
  file: string
  settings: object
}

/** What came of it. */
export const Trial = Type.Object({
  problems: Type.Array(Type.Object({ at: Type.Array(Type.Union([Type.String(), Type.Number()])), problem: Type.String() })),
  /** Where the module could be loaded, and its settings fit. */
  found: Type.Optional(Type.Object({
    type: Type.String(),
    together: Type.Integer(),
    needsEmbeddedPostgres: Type.Boolean(),
    description: TargetDescription
  }))
})
export type Trial = Static<typeof Trial>

/** Exit code of a trial with no answer and nothing left that could bring one; Node's own for an await at the top of a main module. */
export const nothingLeft = 13
