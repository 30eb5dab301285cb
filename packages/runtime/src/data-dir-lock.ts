import { mkdirSync } from 'node:fs'
import { BatonError } from './baton-error.ts'
import { dataDirError } from './data-dir-error.ts'
import { lockSocket, type Lock } from './lock-socket.ts'

/** Makes the data dir and holds it for this process alone. Throws DATA_DIR_IN_USE or DATA_DIR_UNWRITABLE. */
export async function lockDataDir (dataDir: string): Promise<Lock> {
  try {
    mkdirSync(dataDir, { recursive: true })
  } catch (error) {
    throw dataDirError(dataDir, error)
  }
  const lock = await lockSocket(dataDir, 'lock')
  if (lock === undefined) {
    throw new BatonError('DATA_DIR_IN_USE', `Another \`baton up\` runs with the data dir ${dataDir}. Stop that one, or give this one a data dir of its own in BATON_DATA_DIR (and ports of its own in PORT, WORKER_PORT and EMBEDDED_PG_PORT).`)
  }
  return lock
}
