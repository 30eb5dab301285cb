import type { Row } from './tables.ts'

/** What the column `versions` holds: that of each field, and that of the beginning, which counts for all others as well. */
export const versionsText = ({ begun, fields }: Row): string =>
  JSON.stringify({ ...begun !== '' && { begun }, ...Object.fromEntries([...fields].map(([field, { version }]) => [field, version])) })
