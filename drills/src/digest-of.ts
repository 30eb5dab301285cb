import { createHash } from 'node:crypto'

/** Tells one body from another. */
export const digestOf = (body: Buffer): string => createHash('sha256').update(body).digest('hex').slice(0, 16)
