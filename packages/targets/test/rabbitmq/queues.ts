import { randomUUID } from 'node:crypto'
import { connect, type ConfirmChannel, type GetMessage, type Options } from 'amqplib'

/** Does something as a client of a node, and lets go. */
export async function withChannel<T> (address: string, work: (channel: ConfirmChannel) => Promise<T>, vhost = '/'): Promise<T> {
  const [hostname = '', port] = address.split(':')
  const model = await connect({ hostname, port: Number(port), username: 'baton', password: 'secret', vhost: encodeURIComponent(vhost) })
  model.on('error', () => {})
  try {
    return await work(await model.createConfirmChannel())
  } finally {
    await model.close()
  }
}

/** Creates a durable topic exchange, and a durable queue that gets what is published there under `keys`. */
export async function freshQueue (address: string, { keys = '#', exchange = `t-${randomUUID()}`, queue = `t-${randomUUID()}`, vhost = '/', options = {} }: { keys?: string, exchange?: string, queue?: string, vhost?: string, options?: Options.AssertQueue } = {}): Promise<{ exchange: string, queue: string }> {
  await withChannel(address, async channel => {
    await channel.assertExchange(exchange, 'topic')
    await channel.assertQueue(queue, options)
    await channel.bindQueue(queue, exchange, keys)
  }, vhost)
  return { exchange, queue }
}

/** Takes all that a queue holds now, in its order. */
export async function take (address: string, queue: string, vhost = '/'): Promise<GetMessage[]> {
  return await withChannel(address, async channel => {
    const messages: GetMessage[] = []
    for (let message = await channel.get(queue, { noAck: true }); message !== false; message = await channel.get(queue, { noAck: true })) messages.push(message)
    return messages
  }, vhost)
}
