import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { TlsSettings } from './tls-settings.ts'

/** `tls` of the settings cannot be used; the message says what of it, and why. */
export class UnfitTls extends Error {}

/** TLS as the settings ask for it; throws UnfitTls. The context is made here, where what is wrong with it can be caught. */
export const tlsOf = (settings: TlsSettings): { secureContext: SecureContext } => ({ secureContext: createSecureContext(pemOf(settings)) })

/** The PEM that the settings hold, or that their files do; throws UnfitTls where no TLS can be made of it. */
export function pemOf (settings: TlsSettings): Record<string, string> {
  const pem = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value.startsWith('/') ? read(name, value) : value]))
  try {
    mustBeCertificates(pem['ca'], pem['cert'])
    createSecureContext(pem)
    return pem
  } catch (error) {
    throw new UnfitTls(`the PEM of ${Object.keys(pem).join(', ')} does not fit (${codeOf(error)})`)
  }
}

/** OpenSSL passes over a ca that it cannot read. */
const mustBeCertificates = (...pem: (string | undefined)[]): X509Certificate[] => pem.flatMap(text => text === undefined ? [] : new X509Certificate(text))

function read (name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UnfitTls(`the file of ${name} cannot be read (${codeOf(error)})`)
  }
}

const codeOf = (error: unknown): string => error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
