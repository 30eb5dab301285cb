import { setTimeout as pause } from 'node:timers/promises'
import type { Drill } from './drill.ts'
import { underLoad } from './under-load.ts'

/** What Redis loses each time, in ms: what everysec may not have written. */
const tail = 700

export const redisLosesTail: Drill = {
  number: '3',
  title: 'kill -9 Redis, and it forgets its last 0.7 s, eight times',
  warehouse: true,
  run: async rig => await underLoad(rig, {}, async () => {
    await rig.spread(8, async () => {
      const restoredTo = Date.now()
      const { written } = rig.redis
      await pause(tail)
      const at = Date.now()
      await rig.redis.kill()
      rig.redis.cut(written)
      await rig.redis.start()
      rig.faults.push({ at, restoredTo, until: Date.now() + 1_000 })
    })
  })
}
