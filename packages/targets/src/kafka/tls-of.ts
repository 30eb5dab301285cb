import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, type ConnectionOptions } from 'node:tls'
import type { KafkaSettings } from './kafka-settings.ts'

/** `tls` of the settings cannot be used; the message says what of it, and why. */
export class UnfitTls extends Error {}

/** TLS as the settings ask for it; throws UnfitTls. The context is made here, where what is wrong with it can be caught. */
export function tlsOf (settings: NonNullable<KafkaSettings['tls']>): ConnectionOptions {
  const pem = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value.startsWith('/') ? read(name, value) : value]))
  try {
    mustBeCertificates(pem['ca'], pem['cert'])
    return { secureContext: createSecureContext(pem) }
  } catch (error) {
    throw new UnfitTls(`the PEM of ${Object.keys(pem).join(', ')} does not fit (${codeOf(error)})`)
  }
}

/** OpenSSL passes over a ca that it cannot read. */
const mustBeCertificates = (...pem: (string | Buffer | undefined)[]): X509Certificate[] => pem.flatMap(text => text === undefined ? [] : new X509Certificate(text))

function read (name: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new UnfitTls(`the file of ${name} cannot be read (${codeOf(error)})`)
  }
}

const codeOf = (error: unknown): string => error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
