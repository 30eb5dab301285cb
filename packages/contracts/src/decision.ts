import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler'
import type { TObject } from '@sinclair/typebox'
import { decisionRules, friendDenied, unknownRule } from './decision-rules.ts'
import { acknowledgement } from './envelope.ts'
import { fieldPath } from './field-path.ts'
import { problemOf } from './value-problem.ts'

/** An answer to a before-callback that Tencent understands. */
export interface Decision {
  /** The JSON of the answer. */
  text: string
  /** Whether the operation goes ahead, as far as the answer says so of all of it. */
  verdict: 'allow' | 'deny'
}

export type DecisionCheck = { decision: Decision } | { problem: string }

const checks = new Map<string, TypeCheck<TObject>>()

function checkOf (command: string): TypeCheck<TObject> {
  const name = decisionRules.has(command) ? command : ''
  const check = checks.get(name) ?? TypeCompiler.Compile((decisionRules.get(command) ?? unknownRule).answer)
  checks.set(name, check)
  return check
}

/**
 * Checks what an endpoint has answered to a before-callback against the rules of its command. The answer stays as it came; where fields of the
 * envelope are left out they are added. `problem` names what is wrong, and no value.
 */
export function checkDecision (command: string, body: object, text: string): DecisionCheck {
  const answer = parsed(text)
  if (answer === undefined) return { problem: 'the answer is no JSON object' }
  const check = checkOf(command)
  const first = check.Check(answer) ? undefined : check.Errors(answer).First()
  if (first !== undefined) return { problem: `${fieldPath(first.path)} of the answer ${problemOf(first)}` }
  const given = new Map(Object.entries(answer))
  const left = accountsIn(command, body)
  if (left !== undefined) {
    const decided = given.get('ResultItem')
    for (const item of Array.isArray(decided) ? decided : []) left.delete(item.To_Account)
    if (left.size > 0) return { problem: `ResultItem of the answer leaves out ${left.size} of the accounts that are to be decided on` }
  } else if (given.get('ActionStatus') === 'FAIL' && given.get('ErrorCode') === 0) return { problem: 'ActionStatus of the answer is FAIL, and its ErrorCode 0: they contradict each other' }
  return { decision: { text: withWholeEnvelope(text, given), verdict: (left === undefined ? given.get('ErrorCode') !== 0 : isDeniedToAll(given)) ? 'deny' : 'allow' } }
}

/** The text as it came, since to write it anew would change large numbers; what is left out of the envelope is put in front. */
function withWholeEnvelope (text: string, given: ReadonlyMap<string, unknown>): string {
  const missing = Object.entries(acknowledgement).filter(([name]) => !given.has(name))
  if (missing.length === 0) return text
  const begin = text.indexOf('{') + 1
  const fields = missing.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)},`).join('')
  return text.slice(0, begin) + fields + text.slice(begin) // something follows: each command asks for a field that Baton does not add
}

/** What Baton answers by itself. */
export function ownDecision (command: string, body: object, verdict: Decision['verdict']): Decision {
  const accounts = accountsIn(command, body)
  const denied = verdict === 'deny'
  if (accounts === undefined) return { verdict, text: JSON.stringify({ ...acknowledgement, ErrorCode: denied ? 1 : 0 }) }
  const ResultItem = [...accounts].map(account => ({ To_Account: account, ResultCode: denied ? friendDenied : 0, ResultInfo: '' }))
  return { verdict: ResultItem.length === 0 ? 'allow' : verdict, text: JSON.stringify({ ...acknowledgement, ResultItem }) } // whoever cannot be named cannot be denied
}

function isDeniedToAll (answer: ReadonlyMap<string, unknown>): boolean {
  const items = answer.get('ResultItem')
  return Array.isArray(items) && items.length > 0 && items.every(item => item.ResultCode !== 0)
}

/** The accounts that are to be decided on one by one; undefined where the command is decided on as a whole. */
function accountsIn (command: string, body: object): Set<string> | undefined {
  const { perAccount } = decisionRules.get(command) ?? unknownRule
  if (perAccount === undefined) return undefined
  const items: unknown = Reflect.get(body, perAccount)
  const accounts = (Array.isArray(items) ? items : []).map((item: unknown) => typeof item === 'object' && item !== null && 'To_Account' in item ? item.To_Account : undefined)
  return new Set(accounts.filter(account => typeof account === 'string' || Number.isSafeInteger(account)).map(String))
}

function parsed (text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
