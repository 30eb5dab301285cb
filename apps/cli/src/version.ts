import { packageVersion } from '@baton/runtime'

/** Of this package. */
export const version = (): string => packageVersion(import.meta.url)
