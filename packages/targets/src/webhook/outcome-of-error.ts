import { NoConnection } from '@baton/runtime'
import type { Outcome } from '../outcome.ts'

/** Node's and OpenSSL's words for a certificate that is not trusted: only a person can mend that. */
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/

/** What a request that got no answer says of the event: it may or may not have arrived, so it is sent again. */
export function outcomeOfError (error: unknown): Outcome {
  if (error instanceof NoConnection) return { kind: 'retry', ...error.lasting && { slow: true }, code: error.code, reason: error.message }
  const name = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : error instanceof Error ? error.name : 'unknown'
  if (name === 'TimeoutError' || name === 'AbortError' || name === 'UND_ERR_ABORTED' || name === 'UND_ERR_CONNECT_TIMEOUT') {
    return { kind: 'retry', code: 'timeout', reason: 'the receiver did not answer in time' }
  }
  const code = `network_${name.toLowerCase()}`
  if (certificate.test(name)) {
    return { kind: 'retry', slow: true, code, reason: `the receiver's certificate is not trusted (${name}); mend it, or set NODE_EXTRA_CA_CERTS for the worker` }
  }
  if (name === 'ENOTFOUND') return { kind: 'retry', slow: true, code, reason: "the host in the target's url is not known; mend the url" }
  return { kind: 'retry', code, reason: `the receiver cannot be reached (${name})` }
}
