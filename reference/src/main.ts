import { fileURLToPath } from 'node:url'
import { writeFiles } from './write-files.ts'

const written = await writeFiles(fileURLToPath(new URL('../../..', import.meta.url)))
for (const { path, kind } of written) process.stdout.write(`${kind === 'left over' ? 'removed' : 'written'} ${path}\n`)
if (written.length === 0) process.stdout.write('Everything was up to date.\n')
