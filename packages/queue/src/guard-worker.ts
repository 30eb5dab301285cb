import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@baton/runtime'
import type { Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { probeWrite } from './probe-write.ts'

/** ms between two looks at a Redis that takes no writes. */
const probeInterval = 1_000

/**
 * A BullMQ worker whose Redis refuses writes (out of memory, a replica, cut off from its replicas) tries again without any pause,
 * thousands of times a second. This one rests until Redis takes writes again, and says so once.
 */
export function guardWorker (worker: Worker<unknown, void>, redis: Redis, log: Logger): void {
  let watching = false

  const watch = async (error: Error) => {
    let obstacle = await probeWrite(redis)
    if (obstacle !== undefined && redis.status === 'ready') {
      log.error({ queue: worker.name, obstacle }, 'the queue rests until Redis takes writes again')
      await worker.pause(true)
      while (obstacle !== undefined && worker.closing === undefined) {
        await pause(probeInterval, undefined, { ref: false })
        obstacle = await probeWrite(redis)
      }
      if (worker.closing !== undefined) return
      await worker.resume()
      log.info({ queue: worker.name }, 'the queue is worked on again')
    } else if (redis.status === 'ready') {
      log.warn({ err: error, queue: worker.name }, 'the queue met an error')
      await pause(probeInterval, undefined, { ref: false }) // so that a stream of errors is one line a second
    }
  }

  worker.on('error', error => {
    if (watching || redis.status !== 'ready') return // of an outage the connection itself tells
    watching = true
    void watch(error).catch(() => {}).finally(() => { watching = false })
  })
}
