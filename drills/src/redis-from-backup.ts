import { setTimeout as pause } from 'node:timers/promises'
import type { Drill } from './drill.ts'
import { underLoad } from './under-load.ts'

/** How old the backup is, in ms. */
const age = 4_000

export const redisFromBackup: Drill = {
  number: '6',
  title: 'Redis replaced by a backup of 4 s before',
  run: async rig => await underLoad(rig, {}, async () => {
    await rig.acked(rig.wanted / 3)
    const backup = rig.file('backup')
    const restoredTo = Date.now()
    rig.redis.backUp(backup)
    await pause(age)
    const at = Date.now()
    await rig.redis.kill()
    rig.redis.restore(backup)
    await rig.redis.start()
    rig.faults.push({ at, restoredTo, until: Date.now() + 1_000 })
  })
}
