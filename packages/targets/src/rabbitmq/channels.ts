import type { ConfirmChannel } from 'amqplib'
import type { Connection } from './connect.ts'

/** A channel that one delivery at a time works with, and what is known of it. */
export interface Lent {
  channel: ConfirmChannel
  closed: boolean
  /** Why the node closed it, where it did. */
  trouble: unknown
  /** Ids of messages that came back: no queue was bound for them. They come before their confirmation does. */
  returned: Set<string>
}

/** Lends a channel to nobody else: whatever goes wrong with a message closes the channel, and takes along all that are on their way through it. */
export async function lendChannel<T> (connection: Connection, work: (lent: Lent) => Promise<T>): Promise<T> {
  const lent = connection.idle.pop() ?? await openChannel(connection)
  const result = await work(lent)
  lent.returned.clear()
  if (!lent.closed) connection.idle.push(lent)
  return result
}

async function openChannel (connection: Connection): Promise<Lent> {
  const channel = await connection.model.createConfirmChannel()
  const lent: Lent = { channel, closed: false, trouble: undefined, returned: new Set() }
  channel.on('error', error => { lent.trouble = error })
  // Before the client tells each message that its channel is closed, which it tells in the words for one that was refused.
  channel.prependListener('close', () => {
    lent.closed = true
    lent.trouble ??= connection.trouble
    connection.idle = connection.idle.filter(each => each !== lent)
  })
  channel.on('return', ({ properties }) => { lent.returned.add(String(properties.messageId)) })
  return lent
}
