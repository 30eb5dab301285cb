import type { Drill } from './drill.ts'

export const flushBacklog: Drill = {
  number: '5b',
  title: 'FLUSHALL while the first worker takes up a backlog',
  run: async rig => {
    const [ingress] = await Promise.all([rig.ingress(), rig.startRecorder({ latency: 20 })])
    const load = await rig.load([ingress.url])
    await rig.acked(rig.wanted)
    await load.stop()
    await rig.worker()
    await rig.until(() => rig.ledger.update().delivered >= rig.wanted / 10, () => `only ${rig.ledger.delivered} were delivered`)
    const at = Date.now()
    await rig.redis.use(async redis => { await redis.flushall() })
    rig.faults.push({ at, until: Date.now() + 1_000 })
    return []
  }
}
