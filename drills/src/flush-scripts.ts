import { setTimeout as pause } from 'node:timers/promises'
import type { Drill } from './drill.ts'

/** In ms. */
const interval = 200

export const flushScripts: Drill = {
  number: '13',
  title: 'SCRIPT FLUSH every 200 ms',
  run: async rig => {
    await rig.startRecorder()
    await rig.worker()
    const ingress = await rig.ingress()
    const load = await rig.load([ingress.url])
    await rig.redis.use(async redis => {
      for (let flushed = 0; rig.ledger.update().acked < rig.wanted && flushed < 30_000 / interval; flushed++) {
        await redis.script('FLUSH')
        await pause(interval)
      }
    })
    await load.stop()
    await rig.drained()
    return [{ what: `nothing is delivered twice (${rig.ledger.repeats})`, holds: rig.ledger.repeats === 0 }]
  }
}
