/** Tells of each occurrence whether it is the first after so many ms without one: an alert is for that one, not for every one. */
export function firstAfterQuiet (quiet: number, now: () => number = () => performance.now()): () => boolean {
  let last = -Infinity
  return () => {
    const time = now()
    const first = time - last >= quiet
    last = time
    return first
  }
}
