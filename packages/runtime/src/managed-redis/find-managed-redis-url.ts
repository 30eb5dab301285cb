import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { BatonError } from '../baton-error.ts'
import { meetRedis } from './meet-redis.ts'
import { readRedisInstance, redisUrlOf } from './redis-instance.ts'

/** The URL of the Redis that `baton up` runs for this data dir, for verbs in another shell; throws REDIS_NOT_FOUND where none is alive. */
export async function findManagedRedisUrl (dataDir: string): Promise<string> {
  const folder = realPathOf(join(dataDir, 'redis'))
  const recorded = folder === undefined ? undefined : readRedisInstance(folder)
  const met = folder === undefined || recorded === undefined ? undefined : await meetRedis(folder, recorded)
  met?.conversation.end()
  if (met !== undefined) return redisUrlOf(met.instance)
  throw new BatonError('REDIS_NOT_FOUND', `No Redis runs for the data dir ${dataDir}. Start the relay with \`npm start\`, or name its Redis in REDIS_URL (and a data dir elsewhere in BATON_DATA_DIR).`)
}

function realPathOf (path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
