import { writeFile } from 'node:fs/promises'
import { contenders, type Contender } from './contenders.ts'
import { benchDecisions } from './decisions.ts'
import { loadGenerator } from './load-generator.ts'
import { machine } from './machine.ts'
import { measure, type Measurement } from './measure.ts'
import { readOptions, usage, type Options } from './options.ts'
import { hasRedis } from './private-redis.ts'
import { report } from './report.ts'
import { summarize, yardsticks } from './summarize.ts'
import { benchTargets } from './targets.ts'

async function bench (options: Options): Promise<void> {
  if (options.decisions) {
    if (!await benchDecisions(options)) process.exitCode = 1
    return
  }
  if (options.targets) {
    if (!await benchTargets(options)) process.exitCode = 1
    return
  }
  const generator = await loadGenerator()
  const host = await machine()
  const chosen = await choose(options.only)
  const measurements: Measurement[] = []
  for (let round = 1; round <= options.rounds; round++) {
    const shift = (round - 1) % chosen.length
    // Whatever comes and goes in the rhythm of a round meets another contender in the next.
    for (const contender of [...chosen.slice(shift), ...chosen.slice(0, shift)]) {
      process.stderr.write(`round ${round} of ${options.rounds}: ${contender.name}\n`)
      measurements.push(...await measure(contender, round, generator, options))
    }
  }
  const order = (name: string) => chosen.findIndex(contender => contender.name === name)
  const summaries = summarize(measurements).sort((one, other) => order(one.contender) - order(other.contender))
  console.log(report(host, generator.name, chosen, summaries))
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ machine: host, generator: generator.name, options, summaries, measurements }, null, 2)}\n`)
  if (summaries.some(({ wrong, broken }) => wrong + broken > 0)) process.exitCode = 1
}

async function choose (only: readonly string[]): Promise<Contender[]> {
  const stranger = only.find(name => !contenders.some(contender => contender.name === name))
  if (stranger !== undefined) throw new Error(`--only knows ${contenders.map(({ name }) => name).join(', ')}, not ${stranger}`)
  const wanted = contenders.filter(({ name }) => only.length === 0 || yardsticks.some(yardstick => yardstick === name) || only.includes(name))
  if (await hasRedis()) return wanted
  process.stderr.write('There is no redis-server or valkey-server on PATH: only what needs none is measured.\n')
  return wanted.filter(({ needsRedis }) => !needsRedis)
}

try {
  await bench(readOptions(process.argv.slice(2)))
} catch (error) {
  console.error(error)
  console.error(usage)
  process.exitCode = 1
}
