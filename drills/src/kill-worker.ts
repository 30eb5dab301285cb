import type { Drill } from './drill.ts'
import { underLoad } from './under-load.ts'

/** How long a job stays with a worker that is dead. */
const lock = '10s'

export const killWorker: Drill = {
  number: '2',
  title: 'kill -9 the worker in mid-delivery again and again',
  warehouse: true,
  run: async rig => await underLoad(rig, { webhook: { concurrency: 100 }, latency: 20, workerEnv: { JOB_LOCK: lock } }, async ({ worker }) => {
    await rig.spread(rig.times, async () => {
      await rig.delivering()
      rig.faults.push({ at: Date.now() })
      await worker.kill()
      await worker.start()
    })
  })
}
