import { parseArgs } from 'node:util'
import { drills, soaks } from './drills.ts'
import { writeEvidence } from './evidence.ts'
import { PrivatePostgres } from './private-postgres.ts'
import { runDrill, type DrillResult } from './run-drill.ts'
import { table } from './table.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '1' },
    evidence: { type: 'string' }
  }
})
const all = [...drills, ...soaks]
const numbers = values.only?.split(',')
const unknown = numbers?.filter(number => !all.some(drill => drill.number === number)) ?? []
if (unknown.length > 0) {
  process.stderr.write(`There is no drill ${unknown.join(', ')}; there are ${all.map(({ number }) => number).join(', ')}.\n`)
  process.exit(2)
}
const chosen = numbers === undefined ? drills : all.filter(({ number }) => numbers.includes(number))

/** Acknowledged callbacks in each drill, how many are sent in a second, and how often a process is killed. */
const scale = { wanted: 10_000, rate: 1_200, times: 10 }

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { process.exit(130) }) // all that was started ends with us

const postgres = await PrivatePostgres.start()
let passed = true
for (let run = 1; run <= Number(values.runs); run++) {
  const results: DrillResult[] = []
  for (const drill of chosen) {
    process.stderr.write(`${drill.number}: ${drill.title} ... `)
    const result = await runDrill(drill, { ...scale, postgres })
    process.stderr.write(`${result.passed ? 'ok' : 'FAILED'} after ${result.seconds} s\n`)
    results.push(result)
  }
  process.stdout.write(`${values.json ? JSON.stringify(results, null, 2) : table(results, { all: chosen.some(drill => soaks.includes(drill)) })}\n`)
  if (values.evidence !== undefined) process.stderr.write(`see ${writeEvidence(values.evidence, results, postgres)}\n`)
  passed &&= results.every(({ passed }) => passed)
}
await postgres?.stop()
process.exit(passed ? 0 : 1)
