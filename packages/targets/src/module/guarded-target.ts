import type { Event } from '@baton/contracts'
import { Value } from '@sinclair/typebox/value'
import { Outcome, longestAnswer, longestHold } from '../outcome.ts'
import type { Target } from '../target.ts'
import { describeThrown } from './describe-thrown.ts'
import type { ModuleTarget } from './module-definition.ts'
import { within } from './within.ts'

/** Long enough for a sentence; it is kept with each dead letter. In characters. */
const longestReason = 500

/**
 * The border between Baton and a module: what comes back is outcomes, one for each event, whatever the module does. Its events are its own: a
 * change to them changes nothing that Baton goes on with.
 */
export const guardedTarget = (target: ModuleTarget, { file, timeout }: { file: string, timeout: number }): Target => ({
  deliver: async (events, context) => {
    try {
      return outcomesIn(await target.deliver(events.map(presented), context), events.length, file)
    } catch (error) {
      if (context.signal.aborted) throw error // its time was up, and the worker says so
      return alike(events.length, 'module_threw', `deliver of ${file} threw ${describeThrown(error)}; mend the module, or have it answer an outcome`)
    }
  },
  ...target.test !== undefined && {
    test: async context => {
      try {
        const answer = await within(timeout + lastWords, (async () => [await target.test?.(context)])())
        return answer === undefined ? { kind: 'retry', code: 'timeout', reason: 'the target did not answer in time' } : outcomeIn(answer[0], `test of ${file}`)
      } catch (error) {
        return { kind: 'retry', code: 'module_threw', reason: `test of ${file} threw ${describeThrown(error)}; mend the module, or have it answer an outcome` }
      }
    }
  },
  close: async () => { await target.close() }
})

/** How long a module may take to notice that its time is up, in ms; of deliveries the worker sees to that. */
const lastWords = 1_000

/** What a module is promised of an event, and no more. */
const presented = ({ id, appId, command, query, receivedAt, eventTime, orderingKey, body, decision }: Event): Event => ({
  id, appId, command, query, receivedAt, eventTime, orderingKey, body: Buffer.from(body), ...decision !== undefined && { decision: structuredClone(decision) }
})

function outcomesIn (answer: unknown, expected: number, file: string): Outcome[] {
  if (!Array.isArray(answer)) return alike(expected, 'module_answer', `deliver of ${file} answered no list of outcomes; it must answer one for each event`)
  if (answer.length !== expected) return alike(expected, 'module_answer', `deliver of ${file} answered ${answer.length} outcomes for ${expected} events; it must answer one for each`)
  return Array.from({ length: expected }, (_, at) => outcomeIn(answer[at], `deliver of ${file}`)) // by number: what it says of iteration is its own
}

function outcomeIn (given: unknown, who: string): Outcome {
  const outcome = copied(given)
  if (!Value.Check(Outcome, outcome)) return { kind: 'retry', code: 'module_answer', reason: `${who} answered what is no outcome; it must have kind delivered, or kind retry or reject with a code such as crm_full and a reason` }
  return outcome.kind === 'delivered' ? outcome : bounded(outcome)
}

/** Read once, so that what was checked is what is used; further fields are passed over. */
function copied (given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return undefined
  const { kind, code, reason, slow, holdFor, answer }: Partial<Record<'kind' | 'code' | 'reason' | 'slow' | 'holdFor' | 'answer', unknown>> = given
  if (kind === 'delivered') return { kind }
  const told = { kind, code, reason, ...answer !== undefined && { answer } }
  return kind === 'retry' ? { ...told, ...slow !== undefined && { slow }, ...holdFor !== undefined && { holdFor } } : told
}

const bounded = <F extends Exclude<Outcome, { kind: 'delivered' }>>(failure: F): F => ({
  ...failure,
  reason: failure.reason.slice(0, longestReason),
  ...failure.answer !== undefined && { answer: failure.answer.slice(0, longestAnswer).toWellFormed() },
  ...'holdFor' in failure && { holdFor: Math.min(Math.ceil(failure.holdFor ?? 0), longestHold) }
})

const alike = (length: number, code: string, reason: string): Outcome[] => Array.from({ length }, () => ({ kind: 'retry', code, reason }))
