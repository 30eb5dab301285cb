import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sdkAppId } from './callback-bodies.ts'
import { batonScript } from './contenders.ts'
import { cpuSeconds } from './cpu-seconds.ts'
import { decidedMark } from './decided-mark.ts'
import { generate } from './load-generator.ts'
import { openSite } from './open-site.ts'
import { quantile } from './quantile.ts'

/** Callbacks a second. */
const rates = { before: 2_000, after: 200 }
/** ms that the endpoint takes. */
const delay = 50
const goals = { before: 200, after: 50 }

/** Before-callbacks that an endpoint decides about, and after-callbacks at the same time: how long either waits. */
export async function benchDecisions ({ rounds, seconds, warmUpSeconds }: { rounds: number, seconds: number, warmUpSeconds: number }): Promise<boolean> {
  const openLoop = fileURLToPath(new URL('./open-loop-main.js', import.meta.url))
  const decider = fileURLToPath(new URL('./baselines/decider-main.js', import.meta.url))
  const p99s: Record<keyof typeof goals, number[]> = { before: [], after: [] }
  let held = true
  console.log(`${rates.before} before-callbacks a second, decided by an endpoint that takes ${delay} ms, and ${rates.after} after-callbacks, for ${seconds} s; Redis and a worker on the same machine; times in ms\n`)
  console.log('| round | callbacks | answers | undecided, wrong or broken | p50 | p99 | max | CPU of the ingress |')
  console.log('|---|---|---|---|---|---|---|---|')
  for (let round = 1; round <= rounds; round++) {
    const site = await openSite()
    try {
      const endpoint = await site.run(decider, [String(delay)], {})
      await writeFile(join(site.folder, 'baton.yaml'), `apps: [{ sdkAppId: ${sdkAppId}, decisions: [{ commands: ["*"], url: "${endpoint.url}" }] }]\ntargets: { memory: { type: memory } }\n`)
      const env = { REDIS_URL: await site.redis(), PORT: '0', WORKER_PORT: '0', LOG_LEVEL: 'info', BATON_DATA_DIR: join(site.folder, 'data') }
      await site.run(batonScript, ['worker'], env)
      const ingress = await site.run(batonScript, ['ingress'], env)
      const used = await cpuSeconds(ingress.pid) ?? 0
      const run = async (command: string, rate: number, mark: string) => await generate(process.execPath, [openLoop, new URL(ingress.url).origin, command, String(rate), String(seconds), String(warmUpSeconds), mark])
      const [before, after] = await Promise.all([run('Group.CallbackBeforeSendMsg', rates.before, decidedMark), run('Group.CallbackAfterSendMsg', rates.after, '')])
      const cores = ((await cpuSeconds(ingress.pid) ?? 0) - used) / (seconds + warmUpSeconds)
      for (const [name, load] of [['before', before], ['after', after]] as const) {
        console.log(`| ${round} | ${name} | ${load.answers} | ${load.wrong + load.broken} | ${load.p50.toFixed(1)} | ${load.p99.toFixed(1)} | ${load.max.toFixed(1)} | ${name === 'before' ? `${Math.round(100 * cores)} %` : ''} |`)
        p99s[name].push(load.p99)
        if (load.wrong + load.broken > 0) held = false
      }
    } finally {
      await site.close()
    }
  }
  for (const name of ['before', 'after'] as const) {
    const p99 = quantile(p99s[name].sort((a, b) => a - b), 0.5)
    console.log(`${name}: p99 ${p99.toFixed(1)} ms in the median of rounds, goal ${goals[name]}`)
    if (p99 > goals[name]) held = false
  }
  return held
}
