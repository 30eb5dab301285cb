import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, type ConnectionOptions } from 'node:tls'
import { end, ok, together, warn, type Finding } from './finding.ts'
import { bareHost } from './place-of-address.ts'
import type { Visit } from './visit.ts'

/** ms for a handshake. */
const patience = 5_000
/** A certificate that ends sooner is a warning, unless it was made for not much longer. */
const soon = 14 * 86_400_000

/** Whether the certificate is one that Tencent accepts: public authorities, the host's name, not expired. */
export async function checkCertificate (visit: Visit): Promise<Finding> {
  if (visit.url.protocol !== 'https:') return ok('none: it is http')
  const host = bareHost(visit.url)
  const options = { host: visit.addresses[0], port: visit.port, ca: [...visit.roots], rejectUnauthorized: false, ...isIP(host) === 0 ? { servername: host } : {} }
  const seen = await handshake(options)
  if (typeof seen === 'string') return end(`no TLS connection (${seen})`, 'Compare the port: does TLS end there? Allow TLS 1.2.')

  const faults = faultsOf(host, seen)
  if (faults.length > 0) {
    if (!visit.isLocal) return { ...together(faults), status: 'fail', ends: true }
    visit.anyCertificate = true
    return { ...together(faults), status: 'warn', ends: false }
  }
  const ends = Date.parse(seen.certificate.validTo)
  const left = ends - Date.now()
  const until = `${seen.protocol}, by ${issuerOf(seen.certificate)}, until ${new Date(ends).toISOString().slice(0, 10)} (${Math.floor(left / 86_400_000)} days)`
  const findings = [left < Math.min(soon, (ends - Date.parse(seen.certificate.validFrom)) / 3)
    ? warn(`${until}: it ends soon`, 'See why it is not renewed by itself; from that day on Tencent sends nothing.')
    : ok(until)]
  if (seen.protocol === 'TLSv1.3' && typeof await handshake({ ...options, maxVersion: 'TLSv1.2' }) === 'string') {
    findings.push(warn('TLS 1.2 is refused', 'Tencent does not say which versions it speaks: allow 1.2 as well.'))
  }
  return together(findings)
}

interface Handshake {
  certificate: X509Certificate
  protocol: string
  /** Why the chain is not trusted: the first of OpenSSL's reasons. */
  distrust: string | undefined
}

/** Resolves with what was shown, or with why nothing was. */
async function handshake (options: ConnectionOptions): Promise<Handshake | string> {
  return await new Promise(resolve => {
    const socket = connect(options, () => {
      const distrust: unknown = socket.authorizationError // a code, though it is declared as an error
      const certificate = socket.getPeerX509Certificate()
      resolve(certificate === undefined ? 'it shows no certificate' : { certificate, protocol: socket.getProtocol() ?? 'TLS', distrust: distrust ? String(distrust) : undefined })
      socket.destroy()
    })
    socket.setTimeout(patience, () => { socket.destroy(new Error(`nothing within ${patience / 1_000} s`)) })
    socket.once('error', (error: NodeJS.ErrnoException) => { resolve(error.code ?? error.message) })
    socket.once('close', () => { resolve('the connection was closed') })
  })
}

/** Everything that is wrong. */
function faultsOf (host: string, { certificate, distrust }: Handshake): Finding[] {
  const faults: Finding[] = []
  const next = distrust === undefined ? undefined : distrusts[certificate.checkIssued(certificate) ? 'DEPTH_ZERO_SELF_SIGNED_CERT' : distrust]
  if (next !== undefined) faults.push(end(`the certificate is not trusted (${next.what}): Tencent refuses it`, next.next))
  const { validFrom: from, validTo: to } = certificate
  if (Date.now() > Date.parse(to)) faults.push(end(`the certificate ended on ${new Date(to).toISOString().slice(0, 10)}: Tencent refuses it`, 'Renew it, and have the server read it again.'))
  if (Date.now() < Date.parse(from)) faults.push(end(`the certificate begins on ${new Date(from).toISOString().slice(0, 10)} only`, 'Wait, or compare the clock of this machine.'))
  if ((isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) === undefined) {
    faults.push(end(`the certificate is for ${certificate.subjectAltName?.replaceAll(/DNS:|IP Address:/g, '') ?? 'nobody'}, not for ${host}: Tencent refuses it`, 'Get one for this host, or see which virtual host answers: it may not be yours.'))
  }
  if (faults.length === 0 && distrust !== undefined) faults.push(end(`the certificate is not trusted (${distrust}): Tencent refuses it`, 'Get one from a public authority, such as Let\'s Encrypt.'))
  return faults
}

/** Its organization, else its name. */
const issuerOf = ({ issuer }: X509Certificate): string => /^O=(.*)$/m.exec(issuer)?.[1] ?? /^CN=(.*)$/m.exec(issuer)?.[1] ?? 'an authority'

const fromAuthority = 'Get one from a public authority, such as Let\'s Encrypt.'
const wholeChain = 'Have the server send the certificates of the issuers too (fullchain.pem in place of cert.pem), from a public authority.'

/** What OpenSSL says of a chain. */
const distrusts: Record<string, { what: string, next: string }> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: { what: 'it is self-signed', next: fromAuthority },
  SELF_SIGNED_CERT_IN_CHAIN: { what: 'its authority is a private one', next: fromAuthority },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { what: 'its issuer is missing or private', next: wholeChain },
  UNABLE_TO_GET_ISSUER_CERT: { what: 'its issuer is missing', next: wholeChain },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { what: 'its issuer is missing or private', next: wholeChain },
  CERT_REVOKED: { what: 'it was revoked', next: fromAuthority }
}
