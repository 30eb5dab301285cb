import { setTimeout as pause } from 'node:timers/promises'
import type { Drill } from './drill.ts'

/** How often, and what Redis loses each time, in ms: what everysec may not have written. */
const times = 8
const tail = 700

export const redisLosesTail: Drill = {
  number: '3',
  title: 'kill -9 Redis, and it forgets its last 0.7 s, eight times',
  run: async rig => {
    await rig.startRecorder()
    await rig.worker()
    const ingress = await rig.ingress()
    const load = await rig.load([ingress.url])
    for (let nth = 1; nth <= times; nth++) {
      await rig.acked(rig.wanted * nth / (times + 1))
      const restoredTo = Date.now()
      const { written } = rig.redis
      await pause(tail)
      const at = Date.now()
      await rig.redis.kill()
      rig.redis.cut(written)
      await rig.redis.start()
      rig.faults.push({ at, restoredTo, until: Date.now() + 1_000 })
    }
    await rig.acked(rig.wanted)
    await load.stop()
    return [{ what: `nothing is refused (${rig.ledger.refused})`, holds: rig.ledger.refused === 0 }]
  }
}
