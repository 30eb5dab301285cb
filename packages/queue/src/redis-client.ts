import { BatonError, type Logger } from '@baton/runtime'
import { Redis, type RedisOptions } from 'ioredis'

/**
 * Three ways to be connected. `producer` fails fast: its caller tries again by itself. `consumer` waits for Redis for as long as it
 * takes: a job in hand must be settled. `operator` is for a person at a terminal.
 */
export type ConnectionProfile = 'producer' | 'consumer' | 'operator'

/** Capped at a second: BullMQ's own default leaves a worker idle for up to 20 s after an outage. In ms. */
const retryStrategy = (attempt: number): number => Math.min(50 * 2 ** attempt, 1_000) + Math.random() * 100

const profiles = {
  producer: { enableOfflineQueue: false, maxRetriesPerRequest: 1, connectTimeout: 5_000, reconnectOnError: error => error.message.startsWith('READONLY') },
  // Left out, BullMQ would settle for 20 retries, and a job delivered during an outage would run twice.
  consumer: { maxRetriesPerRequest: null, reconnectOnError: error => error.message.startsWith('READONLY') ? 2 : false },
  operator: { maxRetriesPerRequest: 1, commandTimeout: 10_000 }
} satisfies Record<ConnectionProfile, RedisOptions>

/** Opens a connection; errors are logged once per outage, and ioredis goes on trying. */
export function connectRedis (url: string, profile: ConnectionProfile, log: Logger): Redis {
  const redis = new Redis(url, { ...profiles[profile], retryStrategy, connectionName: `baton-${profile}` })
  let away = false
  redis.on('error', error => {
    if (!away) log.error({ err: error, redis: whereabouts(url) }, 'Redis is away; trying again until it answers')
    away = true
  })
  redis.on('ready', () => {
    if (away) log.info('Redis is back')
    away = false
  })
  return redis
}

/** A Redis URL without its credentials, for logs and messages. */
export function whereabouts (url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

/** What Redis answers to credentials that it does not take. */
const locked = /NOAUTH|WRONGPASS|NOPERM|invalid password/

/** Waits until the connection is ready; throws REDIS_UNREACHABLE after `patience` ms, and REDIS_UNUSABLE at once where waiting is of no use. */
export async function untilReady (redis: Redis, url: string, patience: number): Promise<void> {
  if (redis.status === 'ready') return
  let last: Error | undefined
  let timer: NodeJS.Timeout | undefined
  const where = `Redis at ${whereabouts(url)}`
  await new Promise<void>((resolve, reject) => {
    const watch = (error: Error) => {
      last = error
      if (locked.test(error.message)) settle(new BatonError('REDIS_UNUSABLE', `${where} does not let us in (${error.message}). Put user and password into REDIS_URL: redis://user:password@host:port.`, { cause: error }))
      if (error.message.includes('RESP')) settle(new BatonError('REDIS_UNUSABLE', `What listens at ${whereabouts(url)} is no Redis. Set REDIS_URL to one.`, { cause: error }))
    }
    const ready = () => { settle() }
    const settle = (error?: BatonError) => {
      clearTimeout(timer)
      redis.off('error', watch).off('ready', ready)
      if (error === undefined) resolve()
      else reject(error)
    }
    timer = setTimeout(() => {
      settle(new BatonError('REDIS_UNREACHABLE', `${where} does not answer${last === undefined ? '' : ` (${last.message})`}. Start it, or set REDIS_URL to one that runs.`, { cause: last }))
    }, patience)
    redis.on('error', watch).on('ready', ready)
  })
}
