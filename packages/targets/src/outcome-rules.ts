import { Type, type Static } from '@sinclair/typebox'
import type { Outcome } from './outcome.ts'
import { fitsCode, isPossible, meanings, rowsOf, type Meaning, type OutcomeTable } from './outcome-table.ts'
import { delivered } from './outcome.ts'

export const OutcomeRules = Type.Record(
  Type.String({ pattern: '^([A-Za-z0-9_]+\\*?|\\*)$' }),
  Type.Union(meanings.map(meaning => Type.Literal(meaning)), { description: 'delivered, retry, wrong (the target itself is: it is tried slowly) or reject.' }),
  {
    minProperties: 1,
    additionalProperties: false,
    description: 'What codes of outcomes mean for this target, such as http_409: delivered or "http_4*": retry; the first that fits, in the order of the file, holds. docs/outcomes.md lists the codes of each type.'
  }
)
export type OutcomeRules = Static<typeof OutcomeRules>

/** What is wrong with the codes of rules: those that no outcome of this type can have. */
export const problemsOfOutcomes = (rules: OutcomeRules, type: string, table: OutcomeTable): { code: string, text: string }[] =>
  Object.keys(rules).filter(code => !isPossible(table, code)).map(code => ({
    code,
    text: `no outcome of a target of type ${type} has such a code; there are ${rowsOf(table).flatMap(({ codes }) => codes).join(', ')}`
  }))

/** Makes of what a target says what its settings take it to mean. The reason tells so. */
export function readOutcomes (rules: OutcomeRules): (outcome: Outcome) => Outcome {
  const entries = Object.entries(rules)
  return outcome => {
    if (outcome.kind === 'delivered') return outcome
    const [pattern, meaning] = entries.find(([pattern]) => fitsCode(pattern, outcome.code)) ?? []
    return pattern === undefined || meaning === undefined ? outcome : meant(outcome, meaning, pattern)
  }
}

function meant (outcome: Exclude<Outcome, { kind: 'delivered' }>, meaning: Meaning, pattern: string): Outcome {
  const { code, reason, answer } = outcome
  const told = { code, reason: `${reason} (${meaning} by outcomes: ${pattern})`, ...answer !== undefined && { answer } }
  switch (meaning) {
    case 'delivered': return delivered
    case 'reject': return { kind: 'reject', ...told }
    case 'wrong': case 'retry': {
      const holdFor = outcome.kind === 'retry' ? outcome.holdFor : undefined
      return { kind: 'retry', ...told, ...meaning === 'wrong' && { slow: true }, ...holdFor !== undefined && { holdFor } }
    }
  }
}
