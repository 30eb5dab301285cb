/** Most lines a second. */
const most = 10

/**
 * Tells of each occurrence whether it is worth a line in the log: undefined where it is one too many of this second, else how many were left out
 * since the last line.
 */
export function sparingly (now: () => number = () => performance.now()): () => number | undefined {
  let second = { began: -Infinity, lines: 0 }
  let untold = 0
  return () => {
    const time = now()
    if (time - second.began >= 1_000) second = { began: time, lines: 0 }
    if (second.lines >= most) {
      untold += 1
      return undefined
    }
    second.lines += 1
    const before = untold
    untold = 0
    return before
  }
}
