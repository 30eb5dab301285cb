/** The signals that ask a process to end. */
export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Signals that come within so many ms of the first are the same wish: a terminal's Ctrl-C reaches the whole process group, and
 * npm passes on what it gets, so one key press arrives twice.
 */
const oneWish = 1_000

/** Calls `first` when this process is asked to end, by a signal or by what is answered, and when it is asked again, exits with code 1 after `again`. */
export function onStopSignals (first: (signal: string) => void, again: () => void = () => {}, signals: readonly NodeJS.Signals[] = stopSignals): (signal: string) => void {
  let asked: number | undefined
  const ask = (name: string) => {
    if (asked === undefined) {
      asked = performance.now()
      first(name)
    } else if (performance.now() - asked > oneWish) {
      again()
      process.exit(1)
    }
  }
  for (const name of signals) process.on(name, ask)
  return ask
}
