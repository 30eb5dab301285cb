import { BatonError } from '@baton/runtime'
import { buildProgram } from './program.ts'

try {
  await buildProgram().parseAsync()
} catch (thrown) {
  process.stderr.write(`${BatonError.from(thrown).toText()}\n`)
  process.exitCode = 1
}
