import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findExecutable, pathFolders } from './find-executable.ts'
import type { ServerPackage } from './install-server.ts'

export const postgresServer: ServerPackage = { what: 'PostgreSQL', apt: 'postgresql', brew: 'postgresql@17' }

/** The folder with `postgres` and `initdb`; Debian and Homebrew keep them off PATH. */
export const findPostgresServer = (): string | undefined =>
  [...pathFolders(), ...installed('/usr/lib/postgresql', /^\d+$/), ...installed('/opt/homebrew/opt', /^postgresql/)]
    .find(folder => findExecutable(['postgres'], [folder]) !== undefined && findExecutable(['initdb'], [folder]) !== undefined)

function installed (above: string, name: RegExp): string[] {
  try {
    return readdirSync(above).filter(entry => name.test(entry)).sort().reverse().map(entry => join(above, entry, 'bin'))
  } catch {
    return []
  }
}
