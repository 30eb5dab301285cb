import { closestMatch } from 'leven'

/** Longer texts are no slip of a name, and would take long to compare. In characters. */
const longestName = 128
/** Letters that may differ, in a long name. */
const mostSlips = 5

/** The name that somebody meant who wrote it with a slip, or with capitals of his own; undefined where none is near. */
export function nearName (written: string, known: readonly string[]): string | undefined {
  if (written.length > longestName) return undefined
  const inLowerCase = known.map(name => name.toLowerCase())
  const maxDistance = Math.min(Math.max(1, Math.floor(written.length / 3)), mostSlips)
  const nearest = closestMatch(written.toLowerCase(), inLowerCase, { maxDistance })
  return nearest === undefined ? undefined : known[inLowerCase.indexOf(nearest)]
}

/** As the end of a sentence; empty where no name is near. */
export function didYouMean (written: string, known: readonly string[]): string {
  const near = nearName(written, known)
  return near === undefined ? '' : `; did you mean ${near}?`
}
