import { Type } from '@sinclair/typebox'
import type { Drill } from './drill.ts'

/** How often the ingress, which hosts the forwarder, is killed in the middle. */
const times = 5

export const rewind: Drill = {
  number: '14',
  title: 'all is rewound, and the forwarder killed in the middle, again and again',
  excused: ['repeats'],
  run: async rig => {
    const [ingress] = await Promise.all([rig.ingress(), rig.worker(), rig.startRecorder()])
    const { ledger } = rig
    const first = await rig.load([ingress.url])
    await rig.acked(rig.wanted)
    await first.stop()
    await rig.drained()
    const rewound = [...ledger.ackedIds]
    const again = () => rewound.filter(id => (ledger.arrivals.get(id)?.digests.length ?? 0) > 1).length
    const more = await rig.load([ingress.url])
    await rig.baton(Type.Unknown(), 'journal', 'rewind', '--since', '15m')
    for (let nth = 1; nth <= times; nth++) {
      await rig.until(() => ledger.update() && again() >= rewound.length * nth / (times + 1), () => `only ${again()} of ${rewound.length} events came again`)
      await ingress.kill()
      await ingress.start()
    }
    await more.stop()
    await rig.until(() => ledger.update() && again() === rewound.length, () => `only ${again()} of ${rewound.length} events came again`)
    return [{ what: `every rewound event came at least once more (${again()} of ${rewound.length})`, holds: again() === rewound.length }]
  }
}
