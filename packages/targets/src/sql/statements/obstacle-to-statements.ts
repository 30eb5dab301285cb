import type { Outcome } from '../../outcome.ts'
import type { Database } from '../database.ts'
import type { Statement } from './read-statements.ts'

/** Asks the database of each statement whether it would run it, and answers what stands in the way, of all of them at once. */
export async function obstacleToStatements (database: Database, statements: readonly Statement[], signal: AbortSignal): Promise<Outcome | undefined> {
  if (statements.length === 0) return undefined
  const unfit: string[] = []
  await database.lend(signal, async session => {
    for (const statement of statements) {
      try {
        await session.check(statement)
      } catch (error) {
        const words = isPassing(database, error) ? undefined : database.wordsOf(error)
        if (words === undefined) throw error
        unfit.push(`${statement.entry}: ${words}`)
      }
    }
  })
  if (unfit.length === 0) return undefined
  return { kind: 'retry', slow: true, code: 'statement_unfit', reason: `${unfit.join('; ')}. Create or grant what is missing, or mend the statement in the relay file; the target then goes on by itself` }
}

/** No statement is to blame for a lock or a server that stops. */
function isPassing (database: Database, error: unknown): boolean {
  const { with: whose, outcome } = database.troubleOf(error)
  return whose === 'target' && outcome.kind === 'retry' && outcome.slow !== true
}
