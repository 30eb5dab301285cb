/** Whose SQL it is: they quote and comment differently. */
export type Dialect = 'postgres' | 'mysql'

/** A piece of SQL that is neither white space nor a comment. `quoted`: a text or a name in quotes, with them. */
export interface Token {
  kind: 'word' | 'number' | 'quoted' | 'parameter' | 'symbol'
  /** As it is written; of a parameter its name. */
  text: string
  from: number
  to: number
}

/** What is wrong with a text of SQL, and at which of its characters, from 0. */
export interface SqlProblem {
  at: number
  problem: string
}

type Rule = readonly [kind: Token['kind'] | 'blank', pattern: RegExp]

const word: Rule = ['word', /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/iy]
const number: Rule = ['number', /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy]
/** After all that is quoted. */
const rest: readonly Rule[] = [
  ['symbol', /::|:=/y],
  ['parameter', /:[a-z_]\w*/iy],
  ['symbol', /[^]/y]
]

/** The first that fits at a place holds. */
const rules: Record<Dialect, readonly Rule[]> = {
  // https://www.postgresql.org/docs/current/sql-syntax-lexical.html, with standard_conforming_strings on, which is its default.
  postgres: [
    ['blank', /\s+|--[^\n\r]*/y],
    ['quoted', /e'(?:[^'\\]|''|\\[^])*'(?:[^\S\n]*\n\s*'(?:[^'\\]|''|\\[^])*')*/iy], // goes on in the next text, after a line's end
    ['quoted', /'[^']*(?:''[^']*)*'|"[^"]*(?:""[^"]*)*"|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[^]*?\$\1\$/y], // of dollar quotes capitals count
    word,
    number,
    ...rest
  ],
  // https://dev.mysql.com/doc/refman/8.4/en/language-structure.html, in the sql_mode of our connections: backslashes escape, and " begins a text.
  mysql: [
    ['blank', /\s+|#[^\n]*|--(?=[\s\p{Cc}]|$)[^\n]*|\/\*(?!M?!)[^]*?\*\//uy],
    ['quoted', /'(?:[^'\\]|''|\\[^])*'|"(?:[^"\\]|""|\\[^])*"|`[^`]*(?:``[^`]*)*`/y],
    word,
    number,
    ...rest
  ]
}

/** What no statement has outside of quotes and comments. Where a quote or comment ends, it has been passed already. */
const misfits: Record<Dialect, ReadonlyArray<readonly [pattern: RegExp, problem: string]>> = {
  postgres: [
    [/['"]|\$[a-z_\u0080-\uffff]?[\w\u0080-\uffff]*\$/iy, 'the quote that begins here does not end'],
    [/\/\*/y, 'the comment that begins here does not end'],
    [/\$\d/y, 'parameters have names here, such as :topic, and no numbers']
  ],
  mysql: [
    [/['"`]/y, 'the quote that begins here does not end'],
    [/\/\*M?!/y, 'comments that the server executes are not taken; write what it is to execute without /*! and */'],
    [/\/\*/y, 'the comment that begins here does not end'],
    [/\?/y, 'parameters have names here, such as :topic; there is no ?']
  ]
}

/** Reads SQL as its server does: what looks like a parameter within quotes or comments is none. */
export function tokensOf (sql: string, dialect: Dialect): Token[] | SqlProblem {
  const nul = sql.indexOf('\0')
  if (nul >= 0) return { at: nul, problem: 'there is a U+0000 here' }
  const tokens: Token[] = []
  for (let from = 0, to; from < sql.length; from = to) {
    const comment = dialect === 'postgres' ? endOfComment(sql, from) : undefined
    const [kind, text] = comment === undefined ? firstOf(rules[dialect], sql, from) : ['blank', sql.slice(from, comment)] as const
    to = from + text.length
    const misfit = kind === 'symbol' ? misfits[dialect].find(([pattern]) => matchAt(pattern, sql, from) !== undefined) : undefined
    if (misfit !== undefined) return { at: from, problem: misfit[1] }
    if (kind !== 'blank') tokens.push({ kind, text: kind === 'parameter' ? text.slice(1) : text, from, to })
  }
  return tokens
}

function firstOf (candidates: readonly Rule[], sql: string, at: number): [Rule[0], string] {
  for (const [kind, pattern] of candidates) {
    const text = matchAt(pattern, sql, at)
    if (text !== undefined) return [kind, text]
  }
  return ['symbol', sql.charAt(at)]
}

function matchAt (pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(sql)?.[0]
}

/** Where the comment ends that begins here; undefined where none does. PostgreSQL's stand within each other. */
function endOfComment (sql: string, from: number): number | undefined {
  if (!sql.startsWith('/*', from)) return undefined
  let depth = 1
  for (let at = from + 2; at < sql.length;) {
    const mark = sql.slice(at, at + 2)
    if (mark === '/*') depth += 1
    else if (mark === '*/' && --depth === 0) return at + 2
    at += mark === '/*' || mark === '*/' ? 2 : 1
  }
  return undefined
}
