import { Duplex } from 'node:stream'
import type { ChannelModel } from 'amqplib'
import { hostOf, portOf } from '../broker/addresses.ts'
import { tlsOf } from '../broker/tls-of.ts'
import type { OpenContext } from '../target.ts'
import type { Lent } from './channels.ts'
import type { RabbitmqSettings } from './rabbitmq-settings.ts'

/** ms to wait for a node to let us in. */
const longestConnect = 10_000

/** s; a node that says nothing for two of them has gone. Deliveries notice for themselves. */
const heartbeat = 15

/** ms to wait until a node has said goodbye. */
const longestGoodbye = 1_000

/** A connection, and what is known of it. */
export interface Connection {
  model: ChannelModel
  /** Channels that nobody works with. */
  idle: Lent[]
  /** Whether the node has said that it takes nothing for now. */
  blocked: boolean
  /** Why it ended, where that is known. */
  trouble: unknown
}

/** Answers how to connect: to the first of the nodes that lets us in, beginning each time with another one. */
export function connector ({ servers, vhost, user, password, tls }: RabbitmqSettings, { timeout }: Pick<OpenContext, 'timeout'>): (broken: () => void) => Promise<Connection> {
  let begun = 0
  return async broken => {
    const { connect } = await import('amqplib')
    const first = begun++ % servers.length
    const options = { protocol: tls === undefined ? 'amqp' : 'amqps', username: user, password, vhost: encodeURIComponent(vhost), heartbeat }
    const socketOptions = { noDelay: true, timeout: Math.min(timeout, longestConnect), clientProperties: { connection_name: 'baton' }, ...tls !== undefined && tlsOf(tls) }
    const errors: unknown[] = []
    for (const server of [...servers.slice(first), ...servers.slice(0, first)]) {
      try {
        const model = await connect({ ...options, hostname: hostOf(server), port: portOf(server) }, socketOptions)
        const connection: Connection = { model, idle: [], blocked: false, trouble: undefined }
        model.on('error', error => { connection.trouble = error })
        model.on('close', error => {
          connection.trouble ??= error
          broken()
        })
        model.on('blocked', () => { connection.blocked = true })
        model.on('unblocked', () => { connection.blocked = false })
        return connection
      } catch (error) {
        errors.push(error)
      }
    }
    throw new AggregateError(errors, 'no node lets us in')
  }
}

/** Says goodbye, and does not wait for long: a node that is frozen never answers. */
export async function disconnect ({ model }: Connection): Promise<void> {
  const { connection } = model
  let clock: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => { clock = setTimeout(resolve, longestGoodbye) })
  await Promise.race([model.close().catch(() => {}), late]) // one that has ended already cannot be closed
  clearTimeout(clock)
  // The client itself ends a connection only together with the other side.
  if ('stream' in connection && connection.stream instanceof Duplex) connection.stream.destroy(new Error('disconnected'))
}
