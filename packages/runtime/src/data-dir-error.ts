import { BatonError } from './baton-error.ts'

/** Why nothing can be written below the data dir, as an operator needs to hear it. */
export const dataDirError = (dataDir: string, cause: unknown): BatonError =>
  new BatonError('DATA_DIR_UNWRITABLE',
    `The data dir ${dataDir} cannot be written (${cause instanceof Error ? cause.message : String(cause)}). Make it a folder that this user may write, or name another one in BATON_DATA_DIR.`,
    { cause })
