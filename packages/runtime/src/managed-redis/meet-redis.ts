import { join } from 'node:path'
import { BatonError } from '../baton-error.ts'
import type { RedisInstance } from './redis-instance.ts'
import { RedisRefusal, RedisSilence, talkToRedis, type RedisConversation } from './talk-to-redis.ts'

/** A Redis that has proved to be ours. */
export interface MetRedis {
  instance: RedisInstance
  conversation: RedisConversation
  /** Of a process on this machine; undefined in a container. */
  pid: number | undefined
  version: string
}

/**
 * Connects to the recorded instance, and answers it if it is alive and ours: it must know the password that was made up for it,
 * and have been started with this folder's configuration. Anything else on that port is left alone.
 */
export async function meetRedis (folder: string, instance: RedisInstance): Promise<MetRedis | undefined> {
  let conversation: RedisConversation
  try {
    conversation = await talkToRedis(instance.port)
  } catch {
    return undefined // nothing listens there
  }
  try {
    await conversation.ask(`AUTH ${instance.password}`)
    const told = await conversation.ask('INFO server')
    // A copied data dir carries the password of the original's Redis.
    if (instance.host === 'process' && fieldOf(told, 'config_file') !== join(folder, 'redis.conf')) throw new RedisRefusal('it belongs to another data dir')
    await answersPing(conversation)
    return { instance, conversation, pid: instance.host === 'process' ? Number(fieldOf(told, 'process_id')) : undefined, version: fieldOf(told, 'redis_version') }
  } catch (error) {
    conversation.end()
    if (error instanceof RedisRefusal) return undefined
    if (!(error instanceof RedisSilence)) throw error
    // Starting a second one on the same files would destroy them, should this be ours.
    throw new BatonError('REDIS_UNREACHABLE', `Something listens on 127.0.0.1:${instance.port}, where the Redis of this data dir ran, and does not answer. If it is a redis-server that hangs, stop it; if it is something else, remove ${join(folder, 'instance.json')}.`, { cause: error })
  }
}

/** While Redis reads its file back in, it answers LOADING; that may take minutes. */
async function answersPing (conversation: RedisConversation): Promise<void> {
  for (;;) {
    try {
      await conversation.ask('PING')
      return
    } catch (error) {
      if (!(error instanceof RedisRefusal) || !error.message.startsWith('LOADING')) throw error
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}

const fieldOf = (info: string, name: string): string =>
  info.split('\r\n').find(line => line.startsWith(`${name}:`))?.slice(name.length + 1) ?? ''
