import type { Producer } from '@platformatic/kafka'
import { tlsOf } from '../broker/tls-of.ts'
import { untilAborted } from '../sql/until-aborted.ts'
import type { OpenContext } from '../target.ts'
import type { KafkaSettings } from './kafka-settings.ts'

/** ms to wait for a connection. */
const longestConnect = 10_000

/** What the client tries again by itself, within an attempt, is not written twice: a connection that broke, a leader that moved. `delay` in ms. */
const retries = { most: 2, delay: 250 }

const mechanisms = { plain: 'PLAIN', 'scram-sha-256': 'SCRAM-SHA-256', 'scram-sha-512': 'SCRAM-SHA-512' } as const

/** A producer, lent for the time of some work, and what numbers the keys. */
export interface Lent {
  producer: Producer
  /** Kafka's own hash, by which every client finds the partition of a key. */
  hash: (key: Buffer) => number
}

/** The producers of a target. */
export interface Producers {
  /**
   * Lends one to nobody else. The brokers number what an idempotent producer sends to each partition, and drop what comes under a number that they have seen; the client counts on only when it
   * is told of success. So two sends to a partition at once, or one after another whose end is unknown, would be *acknowledged and dropped*. Hence one whose work threw, was given up, or answers
   * false is never lent again.
   */
  lend: (signal: AbortSignal, work: (lent: Lent) => Promise<boolean>) => Promise<void>
  close: () => Promise<void>
}

export function openProducers ({ brokers, tls, sasl, compression }: KafkaSettings, { timeout }: Pick<OpenContext, 'timeout'>): Producers {
  const idle: Producer[] = []
  const open = new Set<Producer>()
  let closed = false
  let begun = 0

  const begin = async (): Promise<Producer> => {
    const { Producer } = await import('@platformatic/kafka')
    const first = begun++ % brokers.length
    const producer = new Producer({
      clientId: 'baton',
      // Each begins with another one: the client holds on to the first that takes its connection, whether it then answers or not.
      bootstrapBrokers: [...brokers.slice(first), ...brokers.slice(0, first)],
      idempotent: true,
      autocreateTopics: false,
      compression,
      retries: retries.most,
      retryDelay: retries.delay,
      connectTimeout: Math.min(timeout, longestConnect),
      requestTimeout: timeout,
      timeout,
      ...tls !== undefined && { tls: tlsOf(tls), tlsServerName: brokers.some(isNamed) },
      ...sasl !== undefined && { sasl: { ...sasl, mechanism: mechanisms[sasl.mechanism] } }
    })
    open.add(producer)
    return producer
  }

  const end = async (producer: Producer): Promise<void> => {
    open.delete(producer)
    // At once: what is not on its way yet is not to go there, and a broker that reads nothing would never let go.
    for (const [, connection] of producer.connections) connection.socket?.destroy()
    await producer.close().catch(() => {}) // there is nothing left that it could fail to close
  }

  return {
    async lend (signal, work) {
      signal.throwIfAborted()
      const { murmur2 } = await import('@platformatic/kafka')
      const producer = idle.pop() ?? await begin()
      let usable = false
      try {
        usable = await untilAborted(numbered(producer).then(async () => await work({ producer, hash: key => murmur2(key) })), signal)
      } finally {
        if (usable && !closed) idle.push(producer)
        else void end(producer)
      }
    },
    async close () {
      closed = true
      await Promise.all([...open].map(end))
    }
  }
}

/** Asks for the number under which the brokers know a producer, so that sends need not ask for it all at once. */
async function numbered (producer: Producer): Promise<void> {
  if (producer.producerId === undefined) await producer.initIdempotentProducer({})
}

/** Names of hosts are told to the server, which may have certificates for several; addresses must not be. */
const isNamed = (broker: string): boolean => !/^[0-9.]+:/.test(broker)
