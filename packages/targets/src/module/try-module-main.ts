import { Value } from '@sinclair/typebox/value'
import { TargetDescription } from '../target.ts'
import { describeThrown } from './describe-thrown.ts'
import { readModule } from './read-module.ts'
import { settingsFor } from './settings-for.ts'
import { nothingLeft, type Trial, type TrialTask } from './trial.ts'

// Forked by try-module.ts, which ends this process once it has the answer, whatever the module keeps open.

async function tried ({ file, settings }: TrialTask): Promise<Trial> {
  const failed = (problem: string): Trial => ({ problems: [{ at: ['module'], problem: `${file} ${problem}` }] })
  let definition
  try {
    definition = await readModule(file)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (error.cause instanceof SyntaxError) throw error.cause // uncaught, Node tells where it is
    return failed(error.message)
  }
  const { type, together = 1 } = definition
  const read = settingsFor(definition, settings)
  if ('moduleProblem' in read) return failed(read.moduleProblem)
  if ('problems' in read) return { problems: read.problems }
  try {
    const needsEmbeddedPostgres = definition.needsEmbeddedPostgres?.(read.settings) === true
    const description = definition.describe?.(read.settings) ?? {}
    if (!Value.Check(TargetDescription, description)) return failed('answers something else to describe than { to, signed }, a text and a boolean, which may both be left out; mend it')
    const { to, signed } = description
    return { problems: [], found: { type, together, needsEmbeddedPostgres, description: { ...to !== undefined && { to }, ...signed !== undefined && { signed } } } }
  } catch (error) {
    return failed(`failed in describe or needsEmbeddedPostgres with ${describeThrown(error)}; mend it`)
  }
}

process.once('disconnect', () => { process.kill(process.pid, 'SIGKILL') })
process.once('beforeExit', () => { process.exitCode = nothingLeft })
process.once('message', (task: TrialTask) => {
  process.channel?.unref() // a module that awaits what nothing will bring ends this process
  void tried(task).then(trial => process.send?.(trial))
})
