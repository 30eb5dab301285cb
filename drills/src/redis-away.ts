import { setTimeout as pause } from 'node:timers/promises'
import type { Drill } from './drill.ts'

/** In ms. */
const away = 30_000

export const redisAway: Drill = {
  number: '4',
  title: 'Redis away for 30 s',
  run: async rig => {
    await rig.startRecorder()
    await rig.worker()
    const ingress = await rig.ingress()
    const load = await rig.load([ingress.url])
    await rig.acked(rig.wanted / 20)
    const at = Date.now()
    await rig.redis.kill()
    await pause(away)
    await rig.redis.start()
    rig.faults.push({ at, until: Date.now() })
    const meanwhile = rig.ledger.update().ackedBetween(at, Date.now())
    await load.stop()
    await rig.acked(rig.wanted)
    return [
      { what: `acknowledgements go on while Redis is away (${meanwhile})`, holds: meanwhile > away / 1_000 * 500 },
      { what: `nothing is refused or unanswered (${rig.ledger.refused}, ${rig.ledger.unanswered})`, holds: rig.ledger.refused + rig.ledger.unanswered === 0 }
    ]
  }
}
