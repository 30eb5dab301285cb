import { setTimeout as pause } from 'node:timers/promises'
import type { Drill } from './drill.ts'
import { underLoad } from './under-load.ts'

/** In ms. */
const interval = 200

export const flushScripts: Drill = {
  number: '13',
  title: 'SCRIPT FLUSH every 200 ms',
  run: async rig => await underLoad(rig, {}, async () => {
    await rig.redis.use(async redis => await rig.until(async () => {
      await redis.script('FLUSH')
      await pause(interval)
      return rig.ledger.update().acked >= rig.wanted
    }, () => `only ${rig.ledger.acked} callbacks were acknowledged`))
  })
}
