import type { Drill } from './drill.ts'

const count = 20

export const stranded: Drill = {
  number: '10',
  title: 'sent while Redis is away, all killed, started, sent again',
  few: count,
  warehouse: true,
  run: async rig => {
    const [worker, ingress] = await Promise.all([rig.worker(), rig.ingress(), rig.startRecorder()])
    await rig.redis.stop()
    const callbacks = { count, run: 'stranded' }
    await (await rig.load([ingress.url], callbacks)).ended
    await rig.acked(count)
    const at = Date.now()
    await Promise.all([ingress.kill(), worker.kill()])
    await rig.redis.start()
    await Promise.all([worker.start(), ingress.start()])
    rig.faults.push({ at, until: Date.now() })
    await (await rig.load([ingress.url], callbacks)).ended
    return [{ what: `all are acknowledged, both times (${rig.ledger.update().acknowledgements} times)`, holds: rig.ledger.acknowledgements === 2 * count }]
  }
}
