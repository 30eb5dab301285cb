import type { Drill } from './drill.ts'

/** How often. */
const times = 3

export const flushRedis: Drill = {
  number: '5',
  title: 'FLUSHALL three times, with two ingresses',
  run: async rig => {
    const ingresses = await Promise.all([rig.ingress('ingress-a'), rig.ingress('ingress-b')])
    await Promise.all([rig.startRecorder(), rig.worker()])
    const load = await rig.load(ingresses.map(({ url }) => url))
    for (let nth = 1; nth <= times; nth++) {
      await rig.acked(rig.wanted * nth / (times + 1))
      const at = Date.now()
      await rig.redis.use(async redis => { await redis.flushall() })
      rig.faults.push({ at, until: Date.now() + 1_000 })
    }
    await rig.acked(rig.wanted)
    await load.stop()
    return [{ what: `nothing is refused (${rig.ledger.refused})`, holds: rig.ledger.refused === 0 }]
  }
}
