import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'

/** Makes the files of a new PostgreSQL, which takes seconds; beside the folder first, so that being stopped halfway leaves no broken one. */
export async function makeCluster (folder: string): Promise<void> {
  if (existsSync(folder)) return
  const making = `${folder}.making`
  await rm(making, { recursive: true, force: true })
  await mkdir(making, { mode: 0o700 })
  const database = await PGlite.create(making)
  await database.close()
  await rename(making, folder)
}
