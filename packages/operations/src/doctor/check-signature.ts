import type { RefusalKind } from '@baton/contracts'
import type { Answer, Silence } from './exchange.ts'
import { end, fail, ok, together, warn, type Finding } from './finding.ts'
import { isAdmitted, refusalOf, spelled } from './refusal-of.ts'
import type { Visit } from './visit.ts'

/** ms by which a signature is certainly stale. */
const longAgo = 7 * 86_400_000

/** Whether the right tokens are accepted, and nothing else is. */
export async function checkSignature (visit: Visit, first: Answer): Promise<Finding> {
  const { tokens } = visit
  if (tokens.length === 0) {
    if (refusalOf(first) === 'sign-missing') return end('the ingress wants signatures, and no token is known here', 'Name the token with --token, or run the doctor where the relay file is, with BATON_CONFIG.')
    return warn('the app has no tokens: anybody who knows the URL can send callbacks', 'Switch authentication on in the console, and set tokens in the relay file of the ingress.')
  }
  const refusedTokens: string[] = []
  for (const [at, token] of tokens.entries()) {
    const answer = await visit.ask({ token })
    if (answer.silence === undefined && isAdmitted(answer)) continue
    refusedTokens.push(`${tokens.length > 1 ? `token ${at + 1} of ${tokens.length}` : 'the token'} is refused (${answer.silence ?? spelled(answer)})`)
  }
  if (refusedTokens.length === tokens.length) {
    return end(refusedTokens.join(', '), refusalOf(first) === 'sign-stale'
      ? 'Its clock and the one here lie too far apart: set both by NTP.'
      : 'Compare the token here with the relay file of the ingress, and restart the ingress after a change.')
  }
  const findings = refusedTokens.map(what => fail(what, 'Set the same tokens in the relay file of the ingress, and restart it.'))
  const expected: [string, RefusalKind, Answer | Silence][] = [
    ['without a signature', 'sign-missing', await visit.ask({ token: null })],
    ['with a wrong signature', 'sign-wrong', await visit.ask({ token: `not ${tokens[0] ?? ''}` })],
    ['with a signature of last week', 'sign-stale', await visit.ask({ age: longAgo })]
  ]
  const notRefused = expected.filter(([, kind, answer]) => answer.silence !== undefined || refusalOf(answer) !== kind)
  if (notRefused.length > 0) {
    findings.push(fail(notRefused.map(([what, , answer]) => `${what}: ${answer.silence ?? spelled(answer)}`).join(', '), 'The ingress does not check signatures as it should: see that its relay file has tokens for this app, and restart it.'))
  }
  return findings.length > 0 ? together(findings) : ok(`${tokens.length > 1 ? `all ${tokens.length} tokens are` : 'the token is'} accepted; no, a wrong and an old signature are refused`)
}
