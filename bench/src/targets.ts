import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { arrivals, type Arrivals } from './arrivals.ts'
import { sdkAppId } from './callback-bodies.ts'
import { batonScript } from './contenders.ts'
import { generate } from './load-generator.ts'
import { openSite, type Site } from './open-site.ts'
import { quantile } from './quantile.ts'

const command = 'Group.CallbackAfterSendMsg'

/** What is wrong with the neighbour of the target that is measured. */
const neighbours = {
  well: { mode: 'ok', settings: '' },
  hanging: { mode: 'hang', settings: '' },
  refusing: { mode: 'refuse', settings: '' },
  limited: { mode: 'ok', settings: ', rateLimit: { events: 10, per: 1s }' }
} as const
type Neighbour = keyof typeof neighbours

/** Callbacks a second: while it is asked how late they come, and while it is asked how many. */
const rates = { calm: 200, flood: 2_000 }
/** What a bad neighbour may cost at most: of the p99, and of the throughput. */
const goals = { p99: 1.25, throughput: 0.9 }
const pace = { events: 100, seconds: 30, tolerance: 0.05 }

/** Whether a target notices what is wrong with another one, and whether two workers keep a rate limit together. */
export async function benchTargets ({ rounds, seconds, warmUpSeconds }: { rounds: number, seconds: number, warmUpSeconds: number }): Promise<boolean> {
  console.log(`a webhook beside another one: ${rates.calm} callbacks a second for ${seconds} s, and how late they come, in ms; then ${rates.flood} a second for ${seconds} s, and how many come in a second\n`)
  console.log('| round | neighbour | p50 | p99 | events/s |')
  console.log('|---|---|---|---|---|')
  const names = Object.keys(neighbours).filter((name): name is Neighbour => name in neighbours)
  const ratios = new Map<Neighbour, { p99: number[], throughput: number[] }>()
  for (let round = 1; round <= rounds; round++) {
    const found = new Map<Neighbour, Found>()
    const shift = (round - 1) % names.length
    for (const name of [...names.slice(shift), ...names.slice(0, shift)]) {
      const measured = await beside(name, seconds, warmUpSeconds)
      found.set(name, measured)
      console.log(`| ${round} | ${name} | ${measured.p50} | ${measured.p99} | ${measured.throughput.toFixed(0)} |`)
    }
    const well = found.get('well')
    for (const [name, { p99, throughput }] of found) {
      if (well === undefined || name === 'well') continue
      const all = ratios.get(name) ?? { p99: [], throughput: [] }
      all.p99.push(p99 / well.p99)
      all.throughput.push(throughput / well.throughput)
      ratios.set(name, all)
    }
  }
  let held = true
  for (const [name, all] of ratios) {
    const [p99, throughput] = [median(all.p99), median(all.throughput)]
    console.log(`${name}: p99 ${p99.toFixed(2)} of that beside one that is well, goal ${goals.p99} at most; events/s ${throughput.toFixed(2)}, goal ${goals.throughput} at least (medians of rounds)`)
    if (p99 > goals.p99 || throughput < goals.throughput) held = false
  }
  const kept = await keptPace()
  console.log(`two workers, ${pace.events} events a second: ${kept.toFixed(1)} a second over ${pace.seconds} s`)
  return held && Math.abs(kept / pace.events - 1) <= pace.tolerance
}

interface Found {
  p50: number
  p99: number
  throughput: number
}

async function beside (neighbour: Neighbour, seconds: number, warmUpSeconds: number): Promise<Found> {
  const site = await openSite()
  try {
    const { mode, settings } = neighbours[neighbour]
    const [measured, other] = [await receiver(site, 'ok'), await receiver(site, mode)]
    const ingress = await relay(site, `{ measured: { type: webhook, url: "${measured.url}" }, other: { type: webhook, url: "${other.url}"${settings} } }`, 1)
    await send(ingress.url, rates.calm, warmUpSeconds)
    await everything(measured, rates.calm * warmUpSeconds)
    await send(ingress.url, rates.calm, seconds)
    const { lags } = await everything(measured, rates.calm * seconds)
    lags.sort((a, b) => a - b)
    await send(ingress.url, rates.flood, seconds)
    const { times } = await everything(measured, rates.flood * seconds)
    return { p50: quantile(lags, 0.5), p99: quantile(lags, 0.99), throughput: 1_000 * (times.length - 1) / ((times.at(-1) ?? 0) - (times[0] ?? 0)) }
  } finally {
    await site.close()
  }
}

/** Events a second that come to a target with a rate limit, from two workers, while more wait for it. */
async function keptPace (): Promise<number> {
  const site = await openSite()
  try {
    const limited = await receiver(site, 'ok')
    const ingress = await relay(site, `{ limited: { type: webhook, url: "${limited.url}", rateLimit: { events: ${pace.events}, per: 1s } } }`, 2)
    await send(ingress.url, rates.flood, Math.ceil(pace.events * (pace.seconds + 10) / rates.flood))
    await arrivals(limited)
    await pause(pace.seconds * 1_000)
    const { times } = await arrivals(limited)
    return 1_000 * (times.length - 1) / ((times.at(-1) ?? 0) - (times[0] ?? 0))
  } finally {
    await site.close()
  }
}

const receiver = async (site: Site, mode: string) => await site.run(fileURLToPath(new URL('./baselines/receiver-main.js', import.meta.url)), [mode], {})

async function relay (site: Site, targets: string, workers: number) {
  await writeFile(join(site.folder, 'baton.yaml'), `apps: [{ sdkAppId: ${sdkAppId} }]\ntargets: ${targets}\n`)
  const env = { REDIS_URL: await site.redis(), PORT: '0', WORKER_PORT: '0', LOG_LEVEL: 'silent', BATON_DATA_DIR: join(site.folder, 'data') }
  for (let nth = 0; nth < workers; nth++) await site.run(batonScript, ['worker'], env)
  return await site.run(batonScript, ['ingress'], env)
}

async function send (url: string, rate: number, seconds: number): Promise<void> {
  const { wrong, broken } = await generate(process.execPath, [fileURLToPath(new URL('./open-loop-main.js', import.meta.url)), new URL(url).origin, command, String(rate), String(seconds), '0', ''])
  if (wrong + broken > 0) throw new Error(`${wrong + broken} callbacks were not acknowledged`)
}

/** What comes to a receiver until it has got so many; a callback more or less is the sender's rounding. */
async function everything (from: { url: string }, count: number): Promise<Arrivals> {
  const all: Arrivals = { lags: [], times: [] }
  for (const until = performance.now() + 60_000; all.times.length < count - 1; await pause(100)) {
    const { lags, times } = await arrivals(from)
    all.lags.push(...lags)
    all.times.push(...times)
    if (performance.now() > until) throw new Error(`${all.times.length} of ${count} events have come after a minute`)
  }
  return all
}

const median = (values: number[]): number => quantile(values.sort((a, b) => a - b), 0.5)
