/** What an outcome's code can be taken to mean. `wrong`: the target itself is wrong (address, credentials), so it is tried slowly until somebody mends it. */
export const meanings = ['delivered', 'retry', 'wrong', 'reject'] as const
export type Meaning = (typeof meanings)[number]

/** What codes mean where a target does not say otherwise. */
export interface OutcomeRow {
  /** Codes, or with a `*` at the end the beginning of several. Of the rows that a code fits the first one holds. */
  codes: readonly string[]
  means: Exclude<Meaning, 'delivered'>
  /** When they come about, for docs/outcomes.md. */
  when: string
}

/** Codes that begin alike. */
interface CodeFamily {
  stem: string
  /** What comes after it: characters as in a class of a regular expression, and how many. */
  characters: string
  least: number
  most: number
}

/** Every code that the outcomes of a type of target can have; docs/outcomes.md is made of it. */
export interface OutcomeTable {
  rows: readonly OutcomeRow[]
  families?: readonly CodeFamily[]
}

/** Of every target, whatever its type. */
const common: readonly OutcomeRow[] = [
  { codes: ['timeout'], means: 'retry', when: 'there was no answer within `timeout`; it may have arrived all the same' },
  { codes: ['mask_unreadable'], means: 'reject', when: 'of targets with `mask`: the body is no JSON object in UTF-8, so nobody can tell what of it is to be masked' },
  { codes: ['unexpected'], means: 'retry', when: 'a defect of Baton, which this event brings to light' }
]

/** Errors of Node and OpenSSL, in lower case. */
export const networkFamily: CodeFamily = { stem: 'network_', characters: 'a-z0-9_', least: 1, most: 60 }

/** Of those who do not list their codes: any. */
export const unlisted: OutcomeTable = { rows: [], families: [{ stem: '', characters: 'A-Za-z0-9_', least: 1, most: 64 }] }

export const rowsOf = ({ rows }: OutcomeTable): readonly OutcomeRow[] => [...rows, ...common]

/** What a code means; undefined where the table has no row for it. */
export const meaningIn = (table: OutcomeTable, code: string): OutcomeRow['means'] | undefined =>
  rowsOf(table).find(({ codes }) => codes.some(pattern => fitsCode(pattern, code)))?.means

export const fitsCode = (pattern: string, code: string): boolean => pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : code === pattern

/** Whether an outcome of such a target can have a code that the pattern fits. */
export function isPossible (table: OutcomeTable, pattern: string): boolean {
  const open = pattern.endsWith('*')
  const written = open ? pattern.slice(0, -1) : pattern
  if (rowsOf(table).some(({ codes }) => codes.some(code => !code.endsWith('*') && fitsCode(pattern, code)))) return true
  return (table.families ?? []).some(({ stem, characters, least, most }) => {
    if (!written.startsWith(stem)) return open && stem.startsWith(written)
    return new RegExp(`^[${characters}]{${open ? 0 : least},${most}}$`).test(written.slice(stem.length))
  })
}
