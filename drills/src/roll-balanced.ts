import type { Drill } from './drill.ts'
import { Haproxy } from './haproxy.ts'
import { underLoad } from './under-load.ts'

/** How often each of the two is restarted. */
const rounds = 2
/** How long an ingress goes on after it was told to stop: longer than HAProxy takes to notice. */
const delay = { STOP_DELAY: '2s' }

export const rollBalanced: Drill = {
  number: '15',
  title: 'two ingresses behind HAProxy restarted in turn',
  run: async rig => {
    let balancer: Haproxy | undefined
    rig.atEnd(async () => { await balancer?.stop() })
    const to = async (urls: readonly string[]) => {
      balancer = await Haproxy.start(rig.folder, urls)
      return balancer.url
    }
    return await underLoad(rig, { ingresses: 2, ingressEnv: delay, to, answersAll: true }, async ({ ingresses }) => {
      const ends: string[] = []
      await rig.spread(rounds, async () => {
        for (const ingress of ingresses) {
          ends.push(await ingress.stop())
          await ingress.start()
          await rig.until(async () => await balancer?.sees(ingress.url) ?? false, () => 'HAProxy does not see the ingress again')
        }
      })
      return [{ what: `they end with code 0 (${ends.join(', ')})`, holds: ends.every(how => how === 'code 0') }]
    })
  }
}
