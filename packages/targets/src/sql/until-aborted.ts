/** Waits for a promise until the signal is aborted, then throws its reason. `letGo` gets a value that comes too late. */
export async function untilAborted<T> (promise: Promise<T>, signal: AbortSignal, letGo: (late: T) => void = () => {}): Promise<T> {
  return await new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    promise.then(value => signal.aborted ? letGo(value) : resolve(value), reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}
