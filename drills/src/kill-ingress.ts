import type { Drill } from './drill.ts'

export const killIngress: Drill = {
  number: '1',
  title: 'kill -9 the ingress again and again',
  run: async rig => {
    const [ingress] = await Promise.all([rig.ingress(), rig.worker(), rig.startRecorder()])
    const load = await rig.load([ingress.url])
    for (let nth = 1; nth <= rig.times; nth++) {
      await rig.acked(rig.wanted * nth / (rig.times + 1))
      rig.faults.push({ at: Date.now() })
      await ingress.kill()
      await ingress.start()
    }
    await rig.acked(rig.wanted)
    await load.stop()
    return []
  }
}
