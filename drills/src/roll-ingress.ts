import type { Drill } from './drill.ts'
import { underLoad } from './under-load.ts'

/** How often each of the two is restarted. */
const rounds = 2

export const rollIngress: Drill = {
  number: '15b',
  title: 'two ingresses restarted in turn, with no delay: the sender falls back on the other',
  excused: ['repeats'], // one try that got no answer was taken all the same
  run: async rig => await underLoad(rig, { ingresses: 2, load: { mode: 'fallback' }, answersAll: true }, async ({ ingresses }) => {
    const ends: string[] = []
    await rig.spread(rounds, async () => {
      for (const ingress of ingresses) {
        ends.push(await ingress.stop())
        await ingress.start()
      }
    })
    return [{ what: `they end with code 0 (${ends.join(', ')})`, holds: ends.every(how => how === 'code 0') }]
  })
}
