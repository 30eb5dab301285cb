import type { Drill } from './drill.ts'

/** The smallest journal that can be set: 5 MiB in all, full after some 4,500 of these callbacks. */
const quota = { JOURNAL_UNSETTLED: '4MiB', JOURNAL_RETAINED: '1MiB' }
const padding = 400

export const fillJournal: Drill = {
  number: '9',
  title: 'the journal is full while Redis is away',
  run: async rig => {
    await rig.startRecorder()
    await rig.worker()
    const ingress = await rig.ingress('ingress', quota)
    const load = await rig.load([ingress.url], { padding })
    await rig.acked(rig.wanted / 10)
    const at = Date.now()
    await rig.redis.kill()
    await rig.until(() => rig.ledger.update().refused > 500, () => `only ${rig.ledger.refused} callbacks were refused`)
    const { acked } = rig.ledger
    await rig.redis.start()
    rig.faults.push({ at, until: Date.now() + 1_000 })
    await rig.until(() => rig.ledger.update().acked > acked + 1_000, () => 'it did not take callbacks again')
    await rig.acked(rig.wanted)
    await load.stop()
    const { unanswered } = rig.ledger
    return [{ what: `whoever is not acknowledged gets an answer that says so (${unanswered} got none)`, holds: unanswered === 0 }]
  }
}
