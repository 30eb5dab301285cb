import { fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Value } from '@sinclair/typebox/value'
import type { Drill } from './drill.ts'
import { FloodReport, type FloodOptions } from './flood-options.ts'
import { builtFile } from './places.ts'

const count = 1_000_000
/** Bytes that the ingress may take of its own at any time; what it maps of its journal's file is the system's to take back. */
const mostMemory = 300_000_000
/** ms between two looks. */
const lookInterval = 250

/** RssAnon of a process, in bytes. */
function anonymousMemory (pid: number | undefined): number {
  const status = `/proc/${pid}/status`
  if (!existsSync(status)) throw new Error('NOT DRILLED: what a process takes of its own is told by Linux alone')
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]) * 1_024
}

export const million: Drill = {
  number: 'million',
  title: 'a million events come while Redis is away, as fast as they are acknowledged',
  few: count,
  patience: 600_000,
  run: async rig => {
    rig.relay({}, { sink: { type: 'memory', limit: 1, concurrency: 50 } }) // what a receiver takes is not to be measured
    await rig.redis.stop()
    const ingress = await rig.ingress()
    const memory: number[] = []
    const look = () => memory.push(anonymousMemory(ingress.pid))

    const options: FloodOptions = { url: ingress.url, count, connections: 32, pipelined: 16 }
    const flood = fork(builtFile('flood-main'), [JSON.stringify(options)])
    rig.atEnd(() => { flood.kill('SIGKILL') })
    let came: FloodReport = { acked: 0, refused: 0, ended: false }
    flood.on('message', message => { came = Value.Parse(FloodReport, message) })
    const floodedAt = performance.now()
    await rig.until(() => look() > 0 && (came.ended || flood.exitCode !== null), () => `only ${came.acked} callbacks were acknowledged`)
    const flooding = (performance.now() - floodedAt) / 1_000
    const mostBefore = Math.max(...memory)

    await rig.redis.start()
    const worker = await rig.worker()
    const drainedAt = performance.now()
    let unsettled = count
    await rig.until(async () => {
      look()
      await pause(lookInterval)
      unsettled = await ingress.metric('baton_journal_unsettled_events')
      rig.ledger.counted({ acked: came.acked, delivered: came.acked - unsettled })
      return unsettled === 0
    }, () => `${unsettled} events are not settled`)
    const draining = (performance.now() - drainedAt) / 1_000
    const delivered = await worker.metric('baton_delivery_outcomes_total')
    const mostMemoryUsed = Math.max(...memory)
    const mega = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
    return [
      { what: `${came.acked} are acknowledged, ${came.refused} refused: in ${Math.round(flooding)} s, ${Math.round(count / flooding)} a second`, holds: came.acked === count },
      { what: `then all are settled: in ${Math.round(draining)} s, ${Math.round(count / draining)} a second; the target took ${delivered}`, holds: delivered >= count },
      { what: `RssAnon of the ingress is at most ${mega(mostBefore)} while they come and ${mega(mostMemoryUsed)} in all, below ${mega(mostMemory)}`, holds: mostMemoryUsed < mostMemory }
    ]
  }
}
