import { problemOfLeftOut } from '../left-out.ts'
import type { Finding } from '../target.ts'
import { leavesOutMessages, type SqlSettings } from './sql-settings.ts'
import { readStatements } from './statements/read-statements.ts'
import type { Dialect } from './statements/sql-tokens.ts'

/** What is wrong with statements, and what is hardly meant; among it, statements for events that never come. */
export function findingsOfSql (settings: SqlSettings, dialect: Dialect): { problems: Finding[], doubts: Finding[] } {
  const { statements = [] } = settings
  const { problems, doubts } = readStatements(statements, dialect)
  const leftOut = leavesOutMessages(settings)
  const idle = statements.flatMap(({ commands }, at) => commands.flatMap((pattern, nth): Finding[] => {
    const problem = leftOut && problemOfLeftOut(pattern, leftOut)
    return problem === undefined ? [] : [{ at: ['statements', at, 'commands', nth], problem }]
  }))
  return { problems: [...problems, ...idle], doubts }
}
