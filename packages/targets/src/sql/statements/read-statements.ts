import { commandFilter, knownCommands, entryOf } from '@baton/contracts'
import { didYouMean } from '@baton/runtime'
import type { Finding } from '../../target.ts'
import { storableText } from '../storable.ts'
import { isDocumented } from './documented.ts'
import { problemOfPointer, stepsOf, type Steps } from './pointer.ts'
import { singleRowOf } from './single-row.ts'
import { readPlace, type Bound, type Source } from './source.ts'
import { tokensOf, type Dialect, type SqlProblem, type Token } from './sql-tokens.ts'
import type { StatementSettings } from './statement-settings.ts'

/** A statement of the operator's own. */
export interface Statement {
  /** As messages call it: `statements[0]`. */
  entry: string
  wants: (command: string) => boolean
  forEach: Steps | undefined
  /** With the placeholders of the database: $1, $2, or ? each. */
  text: string
  /** One for each placeholder, in their order. */
  parameters: readonly Source[]
  /** Where it inserts a single row, so that several runs can be one: what stands before the row, the row, and what stands after it. */
  singleRow: readonly [before: string, row: string, after: string] | undefined
}

/** What a statement may begin with: nothing that ends the transaction, or that the server commits by itself. */
const verbs: Record<Dialect, readonly string[]> = {
  postgres: ['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'WITH', 'SELECT'],
  mysql: ['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'WITH', 'SELECT']
}

/** What is asked of the connection about the statement before: then each run must stay one. */
const ofTheLast = /^(last_insert_id|row_count|found_rows)$/i

export interface ReadStatements {
  statements: Statement[]
  /** What is wrong with them. */
  problems: Finding[]
  /** What fits, and is hardly meant. */
  doubts: Finding[]
}

/** Reads the statements of a target, and tells all that can be known of them without their database. */
export function readStatements (settings: readonly StatementSettings[], dialect: Dialect): ReadStatements {
  const read = settings.map((setting, at) => readStatement(setting, at, dialect))
  const isGrouped = dialect === 'mysql' && !read.some(({ asksOfTheLast }) => asksOfTheLast)
  return {
    statements: read.flatMap(({ statement }) => statement === undefined ? [] : isGrouped ? [statement] : [{ ...statement, singleRow: undefined }]),
    problems: read.flatMap(({ problems }) => problems),
    doubts: settings.flatMap((setting, at) => doubtsOf(setting, ['statements', at]))
  }
}

function readStatement ({ commands, sql, parameters = {}, forEach }: StatementSettings, at: number, dialect: Dialect): { statement?: Statement, asksOfTheLast: boolean, problems: Finding[] } {
  const path = ['statements', at]
  const problems: Finding[] = []
  const report = (within: readonly (string | number)[], problem: string, character?: number) => { problems.push({ at: [...path, ...within], problem, ...character !== undefined && { character } }) }

  const problemOfList = forEach === undefined ? undefined : problemOfPointer(forEach)
  if (problemOfList !== undefined) report(['forEach'], problemOfList)

  const sources = new Map<string, Source>()
  for (const [name, setting] of Object.entries(parameters)) {
    const { from, default: fallback } = typeof setting === 'string' ? { from: setting, default: undefined } : setting
    const within = ['parameters', name, ...typeof setting === 'string' ? [] : ['from']]
    const place = readPlace(from)
    if (typeof place === 'string') report(within, place)
    else if (place.ofElement && forEach === undefined) report(within, 'there is no element without forEach')
    if (typeof fallback === 'number' && Number.isInteger(fallback) && !Number.isSafeInteger(fallback)) report(['parameters', name, 'default'], 'is a larger integer than can be read exactly; write it in quotes')
    sources.set(name, typeof place === 'string' ? () => null : fallback === undefined ? place.source : withDefault(place.source, fallback))
  }

  const whole = tokensOf(sql, dialect)
  if (!Array.isArray(whole)) {
    report(['sql'], whole.problem, whole.at)
    return { problems, asksOfTheLast: false }
  }
  const tokens = whole.at(-1)?.text === ';' ? whole.slice(0, -1) : whole
  const misfit = misfitOf(tokens, dialect)
  if (misfit !== undefined) report(['sql'], misfit.problem, misfit.at)
  const used = tokens.filter(({ kind }) => kind === 'parameter')
  for (const { text, from } of used) {
    if (!sources.has(text)) report(['sql'], `parameters does not tell what :${text} is${didYouMean(text, [...sources.keys()])}`, from)
  }
  for (const name of sources.keys()) {
    if (!used.some(({ text }) => text === name)) report(['parameters', name], `no :${name} stands in sql${didYouMean(name, used.map(({ text }) => text))}`)
  }
  const ended = sql.slice(0, tokens.at(-1)?.to)
  return {
    problems,
    asksOfTheLast: tokens.some(({ kind, text }) => kind === 'word' && ofTheLast.test(text)),
    statement: {
      entry: `statements[${at}]`,
      wants: commandFilter(commands),
      forEach: forEach === undefined ? undefined : stepsOf(forEach),
      text: withPlaceholders(ended, used, dialect),
      parameters: used.map(({ text }) => sources.get(text) ?? (() => null)),
      singleRow: singleRowOf(ended, tokens, piece => withPlaceholders(piece, tokensIn(piece, dialect), dialect))
    }
  }
}

const tokensIn = (piece: string, dialect: Dialect): Token[] => {
  const tokens = tokensOf(piece, dialect)
  return Array.isArray(tokens) ? tokens.filter(({ kind }) => kind === 'parameter') : []
}

function misfitOf (tokens: readonly Token[], dialect: Dialect): SqlProblem | undefined {
  const [first] = tokens
  const end = tokens.find(({ text }) => text === ';')
  if (end !== undefined) return { at: end.from, problem: 'is more than one statement; make an entry of each' }
  if (first === undefined) return { at: 0, problem: 'is no statement' }
  if (!verbs[dialect].includes(first.text.toUpperCase())) return { at: first.from, problem: `a statement begins with ${verbs[dialect].join(', ')}; what creates tables, or begins or ends transactions, is not for each event` }
  return undefined
}

/** Each place gets a placeholder of its own, since its type is that of its place. With blanks around, so that no other word is made. */
function withPlaceholders (sql: string, used: readonly Token[], dialect: Dialect): string {
  let text = ''
  let copiedTo = 0
  for (const [nth, { from, to }] of used.entries()) {
    text += `${sql.slice(copiedTo, from)} ${dialect === 'postgres' ? `$${nth + 1}` : '?'} `
    copiedTo = to
  }
  return text + sql.slice(copiedTo)
}

function withDefault (source: Source, value: string | number | boolean): Source {
  const fallback: Bound = typeof value === 'number' ? { number: String(value) } : typeof value === 'string' ? storableText(value) : value
  return (subject, element) => source(subject, element) ?? fallback
}

/** A slip in a pattern or a path would have the statement run never, or bind NULL; what Tencent does not document looks the same. */
function doubtsOf ({ commands, parameters = {}, forEach }: StatementSettings, path: readonly (string | number)[]): Finding[] {
  const doubts: Finding[] = commands.flatMap((pattern, nth) => knownCommands.some(commandFilter([pattern])) ? [] : [{ at: [...path, 'commands', nth], problem: `${pattern} matches no command that Baton knows${didYouMean(pattern, knownCommands)}` }])
  const bodies = knownCommands.filter(commandFilter(commands)).flatMap(command => entryOf(command)?.body ?? [])
  if (bodies.length === 0) return doubts
  const doubt = (within: readonly string[], pointer: string, from: Steps = []) => {
    const steps = [...from, ...stepsOf(pointer)]
    if (problemOfPointer(pointer) !== undefined || bodies.some(body => isDocumented(body, steps))) return
    const near = from.length > 0 ? '' : didYouMean(steps[0] ?? '', bodies.flatMap(body => Object.keys(body.properties)))
    doubts.push({ at: [...path, ...within], problem: `no command that is meant has ${pointer} by its documentation${near}` })
  }
  if (forEach !== undefined) doubt(['forEach'], forEach)
  for (const [name, setting] of Object.entries(parameters)) {
    const from = typeof setting === 'string' ? setting : setting.from
    const within = ['parameters', name, ...typeof setting === 'string' ? [] : ['from']]
    if (from.startsWith('/')) doubt(within, from)
    else if (from.startsWith('element/') && forEach !== undefined) doubt(within, from.slice('element'.length), [...stepsOf(forEach), '0'])
  }
  return doubts
}
