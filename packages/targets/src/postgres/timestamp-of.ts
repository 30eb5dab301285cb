/** ms since 1970 as PostgreSQL reads it: plain ISO 8601, without JavaScript's sign and zeros before years past 9999. */
export const timestampOf = (time: number): string => new Date(time).toISOString().replace(/^\+0*/, '')
