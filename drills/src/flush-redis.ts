import type { Drill } from './drill.ts'
import { underLoad } from './under-load.ts'

export const flushRedis: Drill = {
  number: '5',
  title: 'FLUSHALL three times, with two ingresses',
  warehouse: true,
  run: async rig => await underLoad(rig, { ingresses: 2 }, async () => {
    await rig.spread(3, async () => {
      const at = Date.now()
      await rig.redis.use(async redis => { await redis.flushall() })
      rig.faults.push({ at, until: Date.now() + 1_000 })
    })
  })
}
