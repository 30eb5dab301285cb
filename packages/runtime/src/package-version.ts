import { existsSync, readFileSync } from 'node:fs'

/** The version of the package that a module stands in, as its package.json says, which stands above `src` and above `dist/src`. */
export function packageVersion (module: string): string {
  let folder = new URL('.', module)
  while (!existsSync(new URL('package.json', folder))) folder = new URL('..', folder)
  const { version }: { version?: unknown } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'))
  return String(version)
}
