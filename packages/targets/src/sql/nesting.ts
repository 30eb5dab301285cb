/**
 * How deep a body may be nested. PostgreSQL's own limit is its stack (6,000 levels or so, SQLSTATE 54001); the embedded one
 * does not survive meeting it, and takes every other event with it.
 */
export const deepestNesting = 1_000

const [quote, backslash, openArray, closeArray, openObject, closeObject] = Buffer.from('"\\[]{}')

/** How many arrays and objects stand in each other at most, in the text of a JSON value. */
export function nestingOf (json: Buffer): number {
  let depth = 0
  let deepest = 0
  let inText = false
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (inText) {
      if (byte === backslash) at++
      else if (byte === quote) inText = false
    } else if (byte === quote) inText = true
    else if (byte === openArray || byte === openObject) deepest = Math.max(deepest, ++depth)
    else if (byte === closeArray || byte === closeObject) depth--
  }
  return deepest
}
