import type { Drill } from './drill.ts'
import { preloaded } from './places.ts'
import { underLoad } from './under-load.ts'

/** The commit at which it dies by itself, counted from its start. */
const fatalCommit = 200

export const killIngress: Drill = {
  number: '1',
  title: 'kill -9 the ingress again and again, and once between append and flush',
  warehouse: true,
  run: async rig => await underLoad(rig, {}, async ({ ingress }) => {
    await rig.spread(rig.times, async nth => {
      rig.faults.push({ at: Date.now() })
      await ingress.kill()
      if (nth === 1) {
        await ingress.start(preloaded('die-in-commit-main', ['nth', fatalCommit]))
        await rig.until(() => ingress.ending !== undefined, () => 'the ingress did not die in a commit')
        rig.faults.push({ at: Date.now() })
      }
      await ingress.start()
    })
  })
}
