import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Drill } from './drill.ts'
import { underLoad } from './under-load.ts'

/** How long Redis takes no writes, in ms. */
const full = 8_000
/** Bytes that are left to Baton when the drill begins. */
const room = 4 << 20

export const fillRedis: Drill = {
  number: '8',
  title: 'Redis out of memory for 8 s, filled by somebody else; the worker is restarted meanwhile',
  run: async rig => await underLoad(rig, { answersAll: true }, async ({ worker }) => {
    await rig.acked(rig.wanted / 5)
    const at = Date.now()
    const [ended, starts] = await rig.redis.use(async redis => {
      await redis.config('SET', 'maxmemory', String(await usedMemory(redis) + room))
      const filling = keepFull(redis, at + full)
      await pause(full / 4)
      const ended = await worker.stop()
      let starts = 0
      await rig.until(async () => {
        starts += 1
        return await worker.start().then(() => true, () => false)
      }, () => 'the worker does not start again')
      await filling
      await redis.unlink(await redis.keys('foreign:*'))
      await redis.config('SET', 'maxmemory', '0')
      return [ended, starts]
    })
    const until = Date.now()
    rig.faults.push({ at, until })
    const meanwhile = rig.ledger.update().ackedBetween(at, until)
    return [
      { what: `acknowledgements go on while Redis is full (${meanwhile})`, holds: meanwhile >= until - at }, // one each ms
      { what: `the worker ends with code 0 (${ended}), and is started again ${starts} times until it stays`, holds: ended === 'code 0' }
    ]
  })
}

async function usedMemory (redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
}

/** Until a moment in ms since 1970: what others give free is taken at once. */
async function keepFull (redis: Redis, until: number): Promise<void> {
  for (let nth = 0; Date.now() < until; nth++) {
    await redis.set(`foreign:${nth}`, Buffer.alloc(64 << 10)).catch(async () => { await pause(10) })
  }
}
