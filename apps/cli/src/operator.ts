import { Queues, connectRedis, untilReady } from '@baton/queue'
import { createLogger, findManagedRedisUrl, readSettings } from '@baton/runtime'

/** How long a verb waits for Redis, in ms. */
const patience = 5_000

/** Opens the queues for one verb, on REDIS_URL or on the managed Redis of a `baton up` on this machine, and closes them after it. */
export async function withQueues<T> (verb: (queues: Queues) => Promise<T>): Promise<T> {
  const settings = readSettings()
  const url = settings.REDIS_URL ?? await findManagedRedisUrl(settings.BATON_DATA_DIR)
  const redis = connectRedis(url, 'operator', createLogger('baton', 'silent'))
  const queues = new Queues(redis)
  try {
    await untilReady(redis, url, patience)
    return await verb(queues)
  } finally {
    await queues.close()
    redis.disconnect()
  }
}
