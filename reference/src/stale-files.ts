import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { generatedFiles, generatedFolders } from './generated-files.ts'

/** A file that is not as it would be generated. */
export interface StaleFile {
  path: string
  kind: 'missing' | 'stale' | 'left over'
}

/** Compares what lies below a root with what would be generated. */
export async function staleFiles (root: string): Promise<StaleFile[]> {
  const files = generatedFiles()
  const compared = await Promise.all([...files].map(async ([path, text]): Promise<StaleFile[]> => {
    const found = await readIfThere(join(root, path))
    return found === text ? [] : [{ path, kind: found === undefined ? 'missing' : 'stale' }]
  }))
  const listed = await Promise.all(generatedFolders.map(async folder => (await listIfThere(join(root, folder))).map(name => `${folder}/${name}`)))
  const leftOver = listed.flat().filter(path => !files.has(path)).map((path): StaleFile => ({ path, kind: 'left over' }))
  return [...compared.flat(), ...leftOver]
}

const readIfThere = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(whereAbsent(undefined))
const listIfThere = (path: string): Promise<string[]> => readdir(path).catch(whereAbsent([]))

const whereAbsent = <T>(instead: T) => (error: unknown): T => {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return instead
  throw error
}
