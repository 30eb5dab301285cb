import type { Drill } from './drill.ts'

export const killWorker: Drill = {
  number: '2',
  title: 'kill -9 the worker in mid-delivery again and again',
  run: async rig => {
    rig.relay({ concurrency: 100 })
    await rig.startRecorder({ latency: 20 }) // so that there is always something in hand
    const worker = await rig.worker()
    const ingress = await rig.ingress()
    const load = await rig.load([ingress.url])
    for (let nth = 1; nth <= rig.times; nth++) {
      await rig.acked(rig.wanted * nth / (rig.times + 1))
      await rig.delivering()
      rig.faults.push({ at: Date.now() })
      await worker.kill()
      await worker.start()
    }
    await rig.acked(rig.wanted)
    await load.stop()
    return []
  }
}
