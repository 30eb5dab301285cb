import { BatonError } from '@baton/runtime'
import { buildProgram } from './program.ts'

// Whoever reads our output may leave early, as `| head` does, and a terminal may be closed: the verb ends as it would have, quietly.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = 1 // a full disk, say: what was written is not whole
  })
}

try {
  await buildProgram().parseAsync()
} catch (thrown) {
  process.stderr.write(`${BatonError.from(thrown).toText()}\n`)
  process.exitCode = 1
}
