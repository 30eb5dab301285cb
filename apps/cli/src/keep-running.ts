import { setTimeout as delay } from 'node:timers/promises'
import type { Part, Running } from './supervise.ts'

/** Deaths within a minute after which it is given up. */
const mostDeaths = 5
/** ms before a new start: doubled with every death within the minute, up to the longest. */
const [shortestDelay, longestDelay] = [100, 3_000]

/** Starts a part, and again whenever it ends unasked; what it answers ends only when that is of no use, or when it is stopped. */
export async function keepRunning (part: Part, stopping: AbortSignal): Promise<Running> {
  let current = await part.start(stopping)

  const exited = (async () => {
    let how = await current.exited
    const deaths: number[] = []
    while (!stopping.aborted) {
      const now = Date.now()
      deaths.push(now)
      const recent = deaths.filter(death => death > now - 60_000).length
      if (recent >= mostDeaths) return `${how}; it died ${recent} times within a minute`
      process.stderr.write(`The ${part.name} ended (${how}); starting it again.\n`)
      try {
        await delay(Math.min(shortestDelay * 2 ** (recent - 1), longestDelay), undefined, { signal: stopping })
        current = await part.start(stopping)
        if (stopping.aborted) await current.stop()
        how = await current.exited
      } catch (error) {
        how = error instanceof Error ? error.message : String(error)
      }
    }
    return how
  })()

  return {
    exited,
    stop: async () => {
      await current.stop()
      await exited
    },
    kill: () => current.kill()
  }
}
