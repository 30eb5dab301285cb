import type { Answer } from './exchange.ts'
import { end, ok, type Finding } from './finding.ts'
import { refusalOf } from './refusal-of.ts'
import type { Visit } from './visit.ts'

/** Whether a POST arrives as one. */
export async function checkMethod (_visit: Visit, answer: Answer): Promise<Finding> {
  return refusalOf(answer) === 'not-post'
    ? end('a POST does not arrive as a POST', 'The proxy in front turns it into a GET or the like, usually by following a redirect itself (http to https, a slash at the end): route this path to the ingress directly.')
    : ok('a POST arrives as one')
}
