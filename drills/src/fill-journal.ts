import type { Drill } from './drill.ts'
import { underLoad } from './under-load.ts'

/** The smallest journal that can be set: 5 MiB in all, full after some 4,500 of these callbacks. */
const quota = { JOURNAL_UNSETTLED: '4MiB', JOURNAL_RETAINED: '1MiB' }
const padding = 400

export const fillJournal: Drill = {
  number: '9',
  title: 'the journal reaches its quota while Redis is away',
  excused: ['refused'],
  run: async rig => await underLoad(rig, { env: quota, load: { padding }, answersAll: true }, async () => {
    await rig.acked(rig.wanted / 10)
    const at = Date.now()
    await rig.redis.kill()
    await rig.until(() => rig.ledger.update().refused > 500, () => `only ${rig.ledger.refused} callbacks were refused`)
    const { acked } = rig.ledger
    await rig.redis.start()
    rig.faults.push({ at, until: Date.now() + 1_000 })
    await rig.until(() => rig.ledger.update().acked > acked + 1_000, () => 'it did not take callbacks again')
  })
}
