import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generatedFiles } from './generated-files.ts'
import { staleFiles, type StaleFile } from './stale-files.ts'

/** Generates below a root what is missing there or stale, and removes what is left over; answers what that was. */
export async function writeFiles (root: string): Promise<StaleFile[]> {
  const files = generatedFiles()
  const stale = await staleFiles(root)
  for (const { path } of stale) {
    const text = files.get(path)
    await mkdir(dirname(join(root, path)), { recursive: true })
    await (text === undefined ? rm(join(root, path), { recursive: true }) : writeFile(join(root, path), text))
  }
  return stale
}
