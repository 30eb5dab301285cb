import { end, ok, type Finding } from './finding.ts'
import { refusalOf } from './refusal-of.ts'
import type { Visit } from './visit.ts'

/** Sends the first probe: whether anything answers at all. */
export async function checkAnswer (visit: Visit): Promise<Finding> {
  let answer = await visit.ask()
  if (answer.silence === undefined && refusalOf(answer) === 'sign-stale') {
    // One of the clocks is wrong. Everything else can be seen all the same, if we sign by the other one.
    const there = Date.parse(answer.headers.date ?? '')
    if (!Number.isNaN(there)) {
      visit.clockAhead = there - visit.now()
      answer = await visit.ask()
    }
  }
  if (answer.silence !== undefined) {
    return end(`no answer to a POST (${answer.silence})`, 'It takes connections, but does not speak HTTP or hangs: compare scheme and port, and see what stands there.')
  }
  visit.first = answer
  return ok(`HTTP ${answer.status} after ${Math.round(answer.took)} ms`)
}
