import { existsSync, readFileSync } from 'node:fs'

/** Of this package, as its package.json says, which stands above `src` and above `dist/src`. */
export function version (): string {
  let folder = new URL('.', import.meta.url)
  while (!existsSync(new URL('package.json', folder))) folder = new URL('..', folder)
  const { version }: { version?: unknown } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'))
  return String(version)
}
