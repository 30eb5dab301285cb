import { refusals } from '@baton/contracts'
import type { Answer } from './exchange.ts'
import { end, ok, together, warn, type Finding } from './finding.ts'
import { isAcknowledged, refusalOf, spelled } from './refusal-of.ts'
import type { Visit } from './visit.ts'

/** Whether it is a Baton that answers, and its answer comes back as it was given. */
export async function checkBaton ({ url }: Visit, answer: Answer): Promise<Finding> {
  const { envelope, report, status, headers } = answer
  if (envelope === undefined) return end(`no envelope: ${spelled(answer)}`, culpritOf(answer))
  const kind = refusalOf(answer)
  if (kind === undefined && envelope.ErrorCode !== 0) return end(`an envelope, but not Baton's: ${spelled(answer)}`, 'Another receiver for Tencent stands there: see which server answers.')
  if (kind === 'unknown-path') return end(`Baton, but not at the path ${url.pathname}`, 'Compare the path with INGRESS_PATH; the proxy in front may add or strip a part of it.')
  if (kind === 'not-durable') return end('Baton, but it can keep no events now', 'See /readyz of the ingress, and its log: its journal or disk is full or failing.')
  const expected = kind === undefined ? 200 : refusals[kind].status
  if (status !== expected) return end(`Baton answered HTTP ${expected}, and ${status} arrived`, 'The proxy in front changes the status; Tencent takes nothing but 200 for an acknowledgement.')

  const findings = [headers['content-encoding'] === undefined
    ? ok(report?.version === undefined ? 'Baton' : `Baton ${report.version}`)
    : warn(`the answer arrives compressed (${headers['content-encoding']}), though nobody asked for that`, 'Have the proxy in front leave the answers of this path alone.')]
  if (isAcknowledged(answer) && report === undefined) {
    findings.push(warn('it acknowledges, but does not say how the probe arrived', 'See that the proxy in front lets the header baton-probe of the answer through, and that it is a Baton of this version that answers, not another receiver: until then, query and body cannot be checked.'))
  }
  return together(findings)
}

/** What usually stands behind an answer that is no envelope. */
function culpritOf ({ status, headers }: Answer): string {
  const server = typeof headers.server === 'string' ? headers.server.toLowerCase() : ''
  const isPage = headers['content-type']?.startsWith('text/html') === true
  if (headers['cf-mitigated'] !== undefined || (server.includes('cloudflare') && [403, 429, 503].includes(status) && isPage)) return 'A CDN challenges whoever looks like a robot, and Tencent\'s backend is one: except this path from its bot protection.'
  if (headers['ngrok-error-code'] !== undefined) return `ngrok answers itself (${String(headers['ngrok-error-code'])}): see that the tunnel runs, and leads to the port of the ingress.`
  if (server.includes('cloudflare') && status >= 520) return 'The CDN or tunnel gets no answer: see that cloudflared runs, and leads to the port of the ingress.'
  switch (status) {
    case 401: case 407: return 'Something in front asks for a login: let POSTs to this path through without one.'
    case 403: return 'A firewall or an access rule in front refuses: let POSTs to this path through, also those without User-Agent and Content-Type, as Tencent sends them.'
    case 404: return 'Another server answers, or the proxy in front has no route for this path: compare host and path with its configuration.'
    case 405: case 501: return 'What answers takes no POST: it is a server of files or pages. Route this path to the ingress.'
    case 411: return 'The proxy in front lost the Content-Length.'
    case 415: return 'The proxy in front wants a Content-Type, and Tencent documents none: let requests without one through.'
    case 421: return 'The server does not know this host: add it to the virtual hosts of the proxy in front.'
    case 429: return 'Something in front limits the rate: Tencent sends as many callbacks as things happen.'
    case 502: case 503: case 504: return 'The proxy in front does not reach the ingress: see that it runs, and at which address and port (HOST, PORT).'
    case 200: return isPage ? 'A page answers, a login or a landing page: route this path to the ingress.' : 'Another server answers: compare host, port and path.'
    default: return 'Something else answers: compare host, port and path with the configuration of the proxy in front.'
  }
}
