import type { Drill } from './drill.ts'

/** How often each of the two is restarted. */
const rounds = 2

export const rollIngress: Drill = {
  number: '15',
  title: 'two ingresses restarted in turn, the sender falls back on the other',
  run: async rig => {
    await rig.startRecorder()
    await rig.worker()
    const ingresses = [await rig.ingress('ingress-a'), await rig.ingress('ingress-b')]
    const load = await rig.load(ingresses.map(({ url }) => url), { mode: 'fallback' })
    const ends: string[] = []
    for (let nth = 0; nth < 2 * rounds; nth++) {
      await rig.acked(rig.wanted * (nth + 1) / (2 * rounds + 1))
      const ingress = ingresses[nth % 2]
      ends.push(await ingress?.stop() ?? 'none')
      await ingress?.start()
    }
    await rig.acked(rig.wanted)
    await load.stop()
    await rig.drained()
    const { refused, unanswered } = rig.ledger
    return [
      { what: `nothing is refused or unanswered (${refused}, ${unanswered})`, holds: refused + unanswered === 0 },
      { what: `they end with code 0 (${ends.join(', ')})`, holds: ends.every(how => how === 'code 0') }
    ]
  }
}
