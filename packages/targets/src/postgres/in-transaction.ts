import { DatabaseError, type ClientBase } from 'pg'
import { troubleOfError } from './trouble-of-error.ts'

/** ms after which the server itself gives up a statement, and a transaction whose worker went silent while holding locks. */
const statementTimeout = 30_000
const silence = 60_000

/** After this the client gives up on the server's answer, in ms: the server's own limit has failed to hold. */
export const answerTimeout = statementTimeout + 5_000

// SET LOCAL and not start-up parameters: those are refused by connection poolers such as PgBouncer.
const begin = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = ${statementTimeout}; SET LOCAL idle_in_transaction_session_timeout = ${silence}`

/** All of the work or none of it. After an error that is not the connection's own it can be used again. */
export async function inTransaction<T> (client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query(begin)
  let result: T
  try {
    result = await work()
    await client.query('COMMIT')
  } catch (error) {
    // Not where the connection is the trouble: the rollback would wait in vain. Should it fail, the connection is dead, and says so again.
    if (error instanceof DatabaseError || troubleOfError(error).with === 'events') await client.query('ROLLBACK').catch(() => {})
    throw error
  }
  return result
}
