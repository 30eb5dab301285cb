import type { OutcomeRow } from '../../outcome-table.ts'

/** What is said of `statements` of any database; an error of the database itself keeps its own code. */
export const statementOutcomes: readonly OutcomeRow[] = [
  { codes: ['statement_unfit'], means: 'wrong', when: 'a statement of `statements` names what the database does not have, or what the user may not do' },
  { codes: ['statement_too_long_list'], means: 'reject', when: 'with the lists of `forEach` that the event has, statements would be run more than 10,000 times' }
]
