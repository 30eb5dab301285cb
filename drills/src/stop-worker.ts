import type { Drill } from './drill.ts'
import { underLoad } from './under-load.ts'

/** How often: each start takes a second or more, and meanwhile callbacks pile up. */
const times = 5

export const stopWorker: Drill = {
  number: '4b',
  title: 'one worker stopped and started again and again',
  run: async rig => await underLoad(rig, { webhook: { concurrency: 100 }, latency: 20 }, async ({ worker }) => {
    const ends: string[] = []
    await rig.spread(times, async () => {
      await rig.delivering()
      ends.push(await worker.stop())
      await worker.start()
    })
    return [{ what: `it ends with code 0 (${ends.join(', ')})`, holds: ends.every(how => how === 'code 0') }]
  })
}
