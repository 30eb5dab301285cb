import { setTimeout as pause } from 'node:timers/promises'
import type { Drill } from './drill.ts'

/** How long Redis takes no writes, in ms. */
const full = 8_000
/** Bytes that are left to Baton when the drill begins. */
const room = 4 << 20

export const fillRedis: Drill = {
  number: '8',
  title: 'Redis out of memory for 8 s, filled by somebody else',
  run: async rig => {
    await rig.startRecorder()
    await rig.worker()
    const ingress = await rig.ingress()
    const load = await rig.load([ingress.url])
    await rig.acked(rig.wanted / 5)
    const at = Date.now()
    await rig.redis.use(async redis => {
      const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
      await redis.config('SET', 'maxmemory', String(used + room))
      try {
        for (let nth = 0; ; nth++) await redis.set(`foreign:${nth}`, Buffer.alloc(64 << 10))
      } catch {} // it is full
      await pause(full)
      await redis.unlink(await redis.keys('foreign:*'))
      await redis.config('SET', 'maxmemory', '0')
    })
    const until = Date.now()
    const meanwhile = rig.ledger.update().ackedBetween(at, until)
    rig.faults.push({ at, until })
    await rig.acked(rig.wanted)
    await load.stop()
    return [
      { what: `acknowledgements go on while Redis is full (${meanwhile})`, holds: meanwhile > (until - at) / 1_000 * 500 },
      { what: `nothing is refused (${rig.ledger.refused})`, holds: rig.ledger.refused === 0 }
    ]
  }
}
