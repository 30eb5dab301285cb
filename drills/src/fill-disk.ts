import { setTimeout as pause } from 'node:timers/promises'
import type { Drill } from './drill.ts'
import { Tmpfs } from './tmpfs.ts'
import { underLoad } from './under-load.ts'

/** In MiB. */
const size = 256
/** How long the disk is full while everything else works, in ms: settled events give way as far as they can. */
const full = 4_000
/** Bytes that the journal keeps free on its disk, and that somebody else leaves free when Redis is away: less. */
const minimumFree = '1MiB'
const left = 512 << 10
/** Large callbacks, so that it does not take long until room that the journal had before is used up. */
const padding = 4_000

export const fillDisk: Drill = {
  number: '9b',
  title: 'somebody else fills the disk of the journal: to the last byte, and again while Redis is away',
  excused: ['refused'],
  run: async rig => {
    const disk = Tmpfs.mount(rig.file('disk'), size)
    rig.atEnd(() => { disk.unmount() })
    const ingressEnv = { BATON_DATA_DIR: disk.folder, JOURNAL_MINIMUM_FREE: minimumFree }
    return await underLoad(rig, { ingressEnv, load: { padding }, answersAll: true }, async ({ ingress }) => {
      const { pid } = ingress
      const recovers = async () => {
        const { acked } = rig.ledger.update()
        disk.clear()
        await rig.until(() => rig.ledger.update().acked > acked + 1_000, () => 'it did not take callbacks again')
      }
      await rig.acked(rig.wanted / 10)
      disk.fill(0)
      await pause(full)
      await recovers()

      const at = Date.now()
      const { refused } = rig.ledger
      await rig.redis.kill()
      disk.fill(left)
      await rig.until(() => rig.ledger.update().refused > refused + 500, () => `only ${rig.ledger.refused - refused} callbacks were refused`)
      await recovers()
      await rig.redis.start()
      rig.faults.push({ at, until: Date.now() + 1_000 })
      return [{ what: 'it is the same ingress all the time', holds: ingress.pid === pid && ingress.ending === undefined }]
    })
  }
}
