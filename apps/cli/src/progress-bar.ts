import type { WriteStream } from 'node:tty'

export interface ProgressBar {
  /** One more is done. */
  step: () => void
  /** Takes the bar away, so that something can be written in its place; the next step brings it back. */
  clear: () => void
}

/** Columns of the bar itself. */
const width = 30
/** Often enough to be followed, in ms. */
const interval = 100

/** What is done of a total, in the last line of a terminal; elsewhere nothing. */
export function progressBar (stream: Pick<WriteStream, 'write' | 'isTTY' | 'columns'>, total: number, clock = () => performance.now()): ProgressBar {
  if (!stream.isTTY) return { step: () => {}, clear: () => {} }
  const started = clock()
  let done = 0
  let drawn: number | undefined
  const clear = () => {
    if (drawn === undefined) return
    drawn = undefined
    stream.write('\r\u001B[2K')
  }
  return {
    step: () => {
      done += 1
      const now = clock()
      if (now - (drawn ?? started) < interval) return
      drawn = now
      const share = Math.min(1, done / total)
      const bar = '='.repeat(Math.round(width * share)).padEnd(width)
      const line = `[${bar}] ${done} of ${Math.max(done, total)}, ${Math.round(done * 1_000 / (now - started))} a second`
      stream.write(`\r\u001B[2K${line.slice(0, (stream.columns || 80) - 1)}`)
    },
    clear
  }
}
