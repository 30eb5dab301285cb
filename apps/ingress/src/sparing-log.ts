import type { Logger } from '@baton/runtime'

/** Most lines of a kind in a second: strangers can cause any number. */
const most = 10
/** ms */
const second = 1_000

/** Writes lines of which there may be any number. @param kind one of few */
export type SparingLog = (level: 'warn' | 'error', kind: string | number, told: object, message: string) => void

/** The first lines of a kind in a second are written; at its end the last one, which says in `untold` how many it stands for besides itself. */
export function sparingLog (log: Logger): SparingLog {
  const seconds = new Map<string | number, { lines: number, left: number, last: () => void }>()
  return (level, kind, told, message) => {
    const under = seconds.get(kind)
    if (under === undefined) {
      const begun = { lines: 1, left: 0, last: () => {} }
      seconds.set(kind, begun)
      setTimeout(() => {
        seconds.delete(kind)
        begun.last()
      }, second).unref()
    } else if (under.lines < most) under.lines += 1
    else {
      const untold = under.left++
      under.last = () => { log[level]({ ...told, untold }, message) }
      return
    }
    log[level](told, message)
  }
}
