import { fail, ok, warn, type Finding } from './finding.ts'
import type { Visit } from './visit.ts'

/** ms after which Tencent hangs up. Source: https://www.tencentcloud.com/document/product/1047/34354 */
const tooLate = 2_000
/** ms that leave little for a bad day. */
const slow = 500

/** Whether answers come in time, over a kept connection and over new ones. */
export async function checkLatency (visit: Visit): Promise<Finding> {
  const times = { kept: [] as number[], fresh: [] as number[] }
  for (const way of ['kept', 'kept', 'kept', 'kept', 'kept', 'kept', 'fresh', 'fresh', 'fresh', 'fresh'] as const) {
    const answer = await visit.ask({ fresh: way === 'fresh' })
    if (answer.silence !== undefined) return fail(`a probe got no answer (${answer.silence})`, nextOf)
    times[way].push(answer.took)
    if (answer.took >= tooLate) break // more of them would tell nothing new
  }
  const longest = Math.max(...times.kept, ...times.fresh)
  const found = `${spelled(times.kept)} over a kept connection${times.fresh.length > 0 ? `, ${spelled(times.fresh)} over new ones` : ''}`
  if (longest >= tooLate) return fail(`${found}: Tencent waits ${tooLate / 1_000} s, and the callback is lost`, nextOf)
  return longest >= slow ? warn(`${found}: Tencent waits ${tooLate / 1_000} s`, nextOf) : ok(found)
}

const spelled = (times: readonly number[]): string => `${Math.round(median(times))} ms (at most ${Math.round(Math.max(...times))})`

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0

const nextOf = 'Compare with baton_ack_seconds in the metrics of the ingress: what is not there is spent on the way. Place the ingress nearer to Tencent\'s backend, and see what the proxy in front waits for (cold starts, scanning of bodies).'
