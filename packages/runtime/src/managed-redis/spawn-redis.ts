import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BatonError } from '../baton-error.ts'
import { freePort, portIsFree } from './free-port.ts'
import { meetRedis, type MetRedis } from './meet-redis.ts'
import { redisConf } from './redis-conf.ts'
import { writePrivately, writeRedisInstance, type RedisInstance } from './redis-instance.ts'

/** Starts a Redis in a process group of its own, so that Ctrl-C in a terminal reaches it only through us, last. */
export async function spawnRedis (executable: string, folder: string, wished: RedisInstance): Promise<MetRedis> {
  for (let attempt = 1; ; attempt++) {
    const instance: RedisInstance = { ...wished, port: await freePort(wished.port), host: 'process' }
    writeRedisInstance(folder, instance) // before the start: whatever happens now, it can be found again
    writePrivately(join(folder, 'redis.conf'), redisConf(folder, instance))
    const met = await spawnOnce(executable, folder, instance)
    if (met !== undefined) return met
    if (attempt < 3 && !await portIsFree(instance.port)) continue // someone was faster
    throw new BatonError('REDIS_UNUSABLE', `${executable} ended at once. Its last words:\n${lastWords(folder)}\nMend that, or name another Redis in REDIS_URL.`)
  }
}

async function spawnOnce (executable: string, folder: string, instance: RedisInstance): Promise<MetRedis | undefined> {
  const output = openSync(join(folder, 'redis.log'), 'a', 0o600)
  const child = spawn(executable, [join(folder, 'redis.conf')], { detached: true, stdio: ['ignore', output, output] })
  closeSync(output)
  child.unref()
  const ended = new AbortController()
  const end = () => ended.abort()
  child.once('exit', end).once('error', end)
  while (!ended.signal.aborted) {
    const met = await meetRedis(folder, instance)
    if (met?.pid === child.pid) return met
    met?.conversation.end()
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  return undefined
}

const lastWords = (folder: string): string =>
  readFileSync(join(folder, 'redis.log'), 'utf8').trimEnd().split('\n').slice(-5).map(line => `  ${line}`).join('\n')
