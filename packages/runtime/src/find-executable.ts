import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { environmentVariable } from './environment.ts'

/** The first of these programs that is found, by its full path; the folders are those of PATH. */
export function findExecutable (names: readonly string[], folders: readonly string[] = pathFolders()): string | undefined {
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(isExecutable)
}

export const pathFolders = (): string[] => (environmentVariable('PATH') ?? '').split(delimiter).filter(folder => folder !== '')

function isExecutable (file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
