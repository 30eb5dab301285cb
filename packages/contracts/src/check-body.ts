import { TypeCompiler, type ValueError } from '@sinclair/typebox/compiler'
import { catalogue, isKnownCommand, type KnownCommand } from './catalogue.ts'

/** What the schema says of a body. `field` is a path such as `MemberList[0].Member_Account`. */
export type BodyVerdict =
  | { kind: 'fit' }
  | { kind: 'unknown-command' }
  /** A field that Baton does not read is unfit: relayed all the same, and counted. */
  | { kind: 'drift', field: string, problem: string }
  /** A field that Baton reads is missing or unfit. */
  | { kind: 'unfit', field: string, problem: string }

const checks = new Map(
  (Object.keys(catalogue) as KnownCommand[]).map(command => [command, TypeCompiler.Compile(catalogue[command].body)])
)

/** Checks a parsed body against its command's schema. Nothing is coerced, stripped or defaulted. */
export function checkBody (command: string, body: object): BodyVerdict {
  if (!isKnownCommand(command)) return { kind: 'unknown-command' }
  const check = checks.get(command)
  if (check === undefined || check.Check(body)) return { kind: 'fit' }

  let drift: BodyVerdict = { kind: 'fit' }
  for (const error of check.Errors(body)) {
    const [top = ''] = pathOf(error)
    const properties: Record<string, object> = catalogue[command].body.properties
    const found = { field: spelled(pathOf(error)), problem: problemOf(error) }
    if ('batonReads' in (properties[top] ?? {})) return { kind: 'unfit', ...found }
    if (drift.kind === 'fit') drift = { kind: 'drift', ...found }
  }
  return drift
}

const pathOf = (error: ValueError) => error.path.split('/').slice(1).map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** `['MemberList', '0', 'Member_Account']` is spelled `MemberList[0].Member_Account`. */
const spelled = (path: string[]) =>
  path.reduce((text, step) => /^\d+$/.test(step) ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`, '')

/** What is wrong, and never the value itself: it may be personal. */
function problemOf (error: ValueError): string {
  if (error.value === undefined) return 'is missing'
  const description: unknown = error.schema.description
  if (typeof description === 'string' && error.schema.anyOf !== undefined) return `must be ${description}`
  return error.message.replace('Expected', 'must be').replace('Required property', 'is missing')
}
