import { statSync } from 'node:fs'
import { extname } from 'node:path'

const javascript = ['.js', '.mjs', '.cjs']
const typescript = ['.ts', '.mts', '.cts']

/** Whether this Node runs TypeScript by taking its types out. */
const stripsTypes = 'typescript' in process.features && process.features.typescript !== false

/** What is wrong with a file before anything of it is run. */
export function problemOfFile (file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return `there is no file ${file}; mend the path, which is seen from the folder of the relay file`
  if (!found.isFile()) return `${file} is no file; name the file in it that exports the target`
  const extension = extname(file)
  if (javascript.includes(extension)) return undefined
  if (!typescript.includes(extension)) return `${file} is no module; its name must end in ${javascript.join(', ')}, or ${typescript.join(', ')}`
  return stripsTypes ? undefined : `${file} is TypeScript, which this Node ${process.version} does not run; use Node 22.18, 24 or later, or compile it with tsc and name the JavaScript file`
}
