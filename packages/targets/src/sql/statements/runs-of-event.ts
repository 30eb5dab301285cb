import type { Subject, Bound, Element } from './source.ts'
import { foundAt } from './pointer.ts'
import type { Statement } from './read-statements.ts'

/** Times that statements are run for one event, all of them together: hostile bodies have longer lists, and would hold the transaction for minutes. */
export const mostElements = 10_000

/** A statement, and what is bound in place of its parameters. */
export interface Run {
  statement: Statement
  values: readonly Bound[]
}

/** What is run for an event, in the order of the statements; the first statement whose list is too long, where one is. */
export function runsOfEvent (statements: readonly Statement[], subject: Subject): { runs: Run[], tooLong?: Statement } {
  const runs: Run[] = []
  for (const statement of statements) {
    if (!statement.wants(subject.event.command)) continue
    const elements = elementsOf(statement, subject)
    if (runs.length + elements.length > mostElements) return { runs: [], tooLong: statement }
    for (const element of elements) runs.push({ statement, values: statement.parameters.map(source => source(subject, element)) })
  }
  return { runs }
}

/** Once, without an element, where there is no forEach. What is no list counts as a list of itself, and null as none. */
function elementsOf ({ forEach }: Statement, { body }: Subject): readonly (Element | undefined)[] {
  if (forEach === undefined) return [undefined]
  const list = foundAt({ value: body, path: [] }, forEach)
  if (list === undefined || list.value === null) return []
  if (!Array.isArray(list.value)) return [{ ...list, index: 0 }]
  return list.value.map((value: unknown, index) => ({ value, path: [...list.path, index], index }))
}
