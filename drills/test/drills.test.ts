import { rmSync } from 'node:fs'
import t from 'tap'
import type { Drill } from '../src/drill.ts'
import { flushRedis } from '../src/flush-redis.ts'
import { killIngress } from '../src/kill-ingress.ts'
import { runDrill } from '../src/run-drill.ts'
import { stranded } from '../src/stranded.ts'

// A quick selection against the real processes; `npm run drills` runs all, and longer.
const scale = { wanted: 2_000, rate: 1_200, times: 3, hasty: true }

for (const drill of [killIngress, flushRedis, stranded]) {
  t.test(`nothing is lost: ${drill.title}`, async t => {
    const result = await runDrill(drill, scale)
    t.match(result, { lost: 0, error: null }, result)
    t.ok(result.acked >= (drill.few ?? scale.wanted), 'enough was acknowledged')
  })
}

t.test('one event that did not arrive is reported as lost', async t => {
  const calm: Drill = {
    number: '0',
    title: 'nothing is broken',
    few: 100,
    run: async rig => {
      const [ingress] = await Promise.all([rig.ingress(), rig.worker(), rig.startRecorder()])
      await (await rig.load([ingress.url], { count: 100 })).ended
      return []
    }
  }
  const result = await runDrill(calm, { ...scale, forget: 42, grace: 3_000 })
  t.match(result, { acked: 100, delivered: 99, lost: 1, lostIds: [/^evt_/], passed: false })
  rmSync(result.folder ?? '', { recursive: true }) // kept, as of any drill that fails
})
