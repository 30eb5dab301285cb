import type { Drill } from './drill.ts'

export const stopWorker: Drill = {
  number: '4b',
  title: 'one worker stopped and started again and again',
  run: async rig => {
    rig.relay({ concurrency: 100 })
    await rig.startRecorder({ latency: 20 })
    const worker = await rig.worker()
    const ingress = await rig.ingress()
    const load = await rig.load([ingress.url])
    const ends: string[] = []
    for (let nth = 1; nth <= rig.times; nth++) {
      await rig.acked(rig.wanted * nth / (rig.times + 1))
      await rig.delivering()
      ends.push(await worker.stop())
      await worker.start()
    }
    await rig.acked(rig.wanted)
    await load.stop()
    await rig.drained()
    return [
      { what: `it ends with code 0 (${ends.join(', ')})`, holds: ends.every(how => how === 'code 0') },
      { what: `nothing is delivered twice (${rig.ledger.repeats})`, holds: rig.ledger.repeats === 0 }
    ]
  }
}
