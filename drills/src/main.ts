import { parseArgs } from 'node:util'
import { drills } from './drills.ts'
import { runDrill, type DrillResult } from './run-drill.ts'
import { table } from './table.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'boolean', default: false }
  }
})
const numbers = values.only?.split(',')
const unknown = numbers?.filter(number => !drills.some(drill => drill.number === number)) ?? []
if (unknown.length > 0) {
  process.stderr.write(`There is no drill ${unknown.join(', ')}; there are ${drills.map(({ number }) => number).join(', ')}.\n`)
  process.exit(2)
}

/** Acknowledged callbacks in each drill, how many are sent in a second, and how often a process is killed. */
const scale = { wanted: 10_000, rate: 1_200, times: 10 }

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { process.exit(130) }) // all that was started ends with us

const results: DrillResult[] = []
for (const drill of drills.filter(({ number }) => numbers?.includes(number) ?? true)) {
  process.stderr.write(`${drill.number}: ${drill.title} ... `)
  const result = await runDrill(drill, scale)
  process.stderr.write(`${result.passed ? 'ok' : 'FAILED'} after ${result.seconds} s\n`)
  results.push(result)
}
process.stdout.write(`${values.json ? JSON.stringify(results, null, 2) : table(results)}\n`)
process.exit(results.every(({ passed }) => passed) ? 0 : 1)
