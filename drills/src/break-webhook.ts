import { setTimeout as pause } from 'node:timers/promises'
import type { Drill } from './drill.ts'

/** Each of the two troubles, in ms. */
const trouble = 5_000

export const breakWebhook: Drill = {
  number: '11',
  title: 'the webhook hangs, dies and returns',
  run: async rig => {
    rig.relay({ timeout: '1s' })
    await rig.startRecorder()
    await rig.worker()
    const ingress = await rig.ingress()
    const load = await rig.load([ingress.url])
    await rig.acked(rig.wanted / 5)
    const at = Date.now()
    rig.hangRecorder()
    await pause(trouble)
    await rig.killRecorder()
    await pause(trouble)
    await rig.startRecorder()
    rig.faults.push({ at, until: Date.now() })
    await rig.acked(rig.wanted)
    await load.stop()
    const { refused, unanswered } = rig.ledger.update()
    return [{ what: `nothing is refused or unanswered (${refused}, ${unanswered})`, holds: refused + unanswered === 0 }]
  }
}
