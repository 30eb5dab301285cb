import { Client, type Pool, type PoolClient } from 'pg'
import { untilAborted } from '../sql/until-aborted.ts'

/**
 * Lends a connection of the pool for the time of some work, and gives up waiting when the signal is aborted. A connection
 * whose work threw or was given up may hold a query or a transaction: it is closed, and never lent again.
 */
export async function lendConnection<T> (pool: Pool, signal: AbortSignal, work: (client: PoolClient) => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const client = await untilAborted(pool.connect(), signal, late => late.release())
  // A connection that breaks tells its query as well; without a listener the event would end the process.
  const ignore = () => {}
  client.on('error', ignore)
  let usable = false
  try {
    const result = await untilAborted(work(client), signal)
    usable = true
    return result
  } finally {
    if (usable) client.off('error', ignore)
    // What was given up may wait for an answer that never comes, and hold locks meanwhile; a client that sends ahead would wait for it, too.
    if (signal.aborted && !usable && client instanceof Client) client.connection.stream.destroy()
    client.release(!usable)
  }
}
