import { EvaluationError, ParseError, TypeError, type ParseResult } from '@marcbachmann/cel-js'
import type { EventView } from './event-view.ts'
import { filterLanguage, misuseIn } from './filter-language.ts'
import { UnreadableBody } from './filter-values.ts'

/** Whether a target wants an event. */
export type Wish =
  | { kind: 'wanted' }
  | { kind: 'filtered' }
  /** Its filter cannot be evaluated for this event, so it does not get it. The problem names a place in the filter, and no value of the event. */
  | { kind: 'unclear', problem: string }

export type Filter = (event: EventView) => Wish

export const wanted: Wish = { kind: 'wanted' }
export const filtered: Wish = { kind: 'filtered' }

/** What is wrong with an expression, and at which of its characters, from 0. */
export interface FilterProblem {
  at: number
  text: string
}

/** Reads an expression and checks all that can be known without an event: that it is a condition, its types, and that its cost is bounded. */
export function readFilter (expression: string): { filter: Filter } | { problem: FilterProblem } {
  let evaluate: ParseResult
  try {
    evaluate = filterLanguage.parse(expression)
  } catch (error) {
    return { problem: problemOf(error) }
  }
  const misuse = misuseIn(evaluate.ast)
  if (misuse !== undefined) return { problem: { at: misuse.node.start, text: misuse.text } }
  const { valid, type, error } = evaluate.check()
  if (!valid) return { problem: problemOf(error) }
  if (type !== 'bool') {
    return { problem: { at: 0, text: type === 'dyn' ? 'is no condition: compare what is in the event, as in body.OnlineOnlyFlag == 1' : `is no condition: its type is ${type ?? 'unknown'}, and must be bool` } }
  }
  return { filter: event => wishOf(evaluate, expression, event) }
}

function wishOf (evaluate: ParseResult, expression: string, event: EventView): Wish {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0 // each element of a list may lack a field: with stacks that is ten times slower
  try {
    const result: unknown = evaluate(event)
    return result === true ? wanted : result === false ? filtered : { kind: 'unclear', problem: 'it is no condition' }
  } catch (error) {
    return { kind: 'unclear', problem: troubleOf(error, expression) }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Codes of the library, and pieces of the expression; its messages may quote the event. */
function troubleOf (error: unknown, expression: string): string {
  if (error instanceof UnreadableBody) return `the body cannot be looked into (${error.message})`
  if (!(error instanceof EvaluationError)) return error instanceof RangeError ? 'the body is nested too deeply' : 'unexpected'
  const { code, range } = error
  const piece = range === undefined ? '' : expression.slice(range.start, range.end)
  return piece === '' ? code : `${code} at ${piece}`
}

function problemOf (error: unknown): FilterProblem {
  if (!(error instanceof ParseError || error instanceof TypeError)) throw error
  return { at: error.range?.start ?? 0, text: error.summary }
}
