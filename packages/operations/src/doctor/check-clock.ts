import { fail, ok, warn, type Finding } from './finding.ts'
import type { Visit } from './visit.ts'

/** Seconds from which the clocks are worth a look. */
const noticeable = 30
/** Seconds that an ingress allows which does not tell. */
const usualFreshness = 300

/** Whether the clocks of the ingress and of this machine agree. Tencent's signatures are stale where that of the ingress is wrong. */
export async function checkClock (visit: Visit): Promise<Finding> {
  const asked = visit.now()
  const answer = await visit.ask()
  if (answer.silence !== undefined) return fail(`a probe got no answer (${answer.silence})`, 'Run the doctor again.')
  const middle = (asked + visit.now()) / 2
  // A Date has no fractions of a second, and may be of a proxy.
  const there = answer.report?.at ?? Date.parse(answer.headers.date ?? '') + 500
  if (Number.isNaN(there)) return warn('the answer tells no time', 'Compare the clock of the ingress by hand: callbacks are refused as stale when it is wrong.')
  const ahead = (there - middle) / 1_000
  const error = (visit.now() - asked) / 2_000 + (answer.report === undefined ? 0.5 : 0)
  const whose = answer.report === undefined ? 'whatever answers there' : 'the ingress'
  const found = Math.abs(ahead) <= Math.max(error, 0.1)
    ? `${whose} and this machine have the same time`
    : `the clock of ${whose} is ${Math.abs(ahead).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'} the one here (within ${error.toFixed(1)} s)`
  const freshness = (answer.report?.freshness ?? usualFreshness * 1_000) / 1_000
  const next = `Set both by NTP (timedatectl, chronyc tracking): signatures of Tencent are refused as stale when the clock of the ingress is more than ${freshness} s off.`
  const off = Math.abs(ahead) - error
  if (off > freshness) return fail(found, next)
  return off > Math.min(noticeable, freshness / 2) ? warn(found, next) : ok(found)
}
