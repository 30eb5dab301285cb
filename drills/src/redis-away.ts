import { setTimeout as pause } from 'node:timers/promises'
import type { Drill } from './drill.ts'
import { underLoad } from './under-load.ts'

/** In ms. */
const away = 30_000

export const redisAway: Drill = {
  number: '4',
  title: 'Redis away for 30 s',
  run: async rig => await underLoad(rig, { answersAll: true }, async () => {
    await rig.acked(rig.wanted / 20)
    const at = Date.now()
    await rig.redis.kill()
    await pause(away)
    await rig.redis.start()
    const until = Date.now()
    rig.faults.push({ at, until })
    const meanwhile = rig.ledger.update().ackedBetween(at, until)
    return [{ what: `acknowledgements go on while Redis is away (${meanwhile})`, holds: meanwhile >= away }] // one each ms
  })
}
