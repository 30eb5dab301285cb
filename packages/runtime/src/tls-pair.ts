import { X509Certificate, createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { BatonError } from './baton-error.ts'
import type { Settings } from './environment.ts'

/** A certificate and its key, as PEM files. */
export interface TlsFiles {
  cert: string
  key: string
}

/** What the files hold, and found to fit together. */
export interface TlsPair {
  /** PEM: the certificate, and those that it was issued with. */
  cert: string
  key: string
  /** From when, and until when, all of them are valid: ms since 1970. */
  validFrom: number
  expiresAt: number
}

/** What is older is not spoken. */
export const oldestTls = 'TLSv1.2'

/** The files that the settings name; undefined where the ingress speaks plain HTTP. */
export const tlsFilesOf = ({ TLS_CERT: cert, TLS_KEY: key }: Pick<Settings, 'TLS_CERT' | 'TLS_KEY'>): TlsFiles | undefined =>
  cert === undefined || key === undefined ? undefined : { cert, key }

/** Reads certificate and key; throws SETTINGS_INVALID with all that is wrong with them. That they have expired is not wrong, but told by `expiresAt`. */
export function readTlsPair (files: TlsFiles): TlsPair {
  const problems: string[] = []
  const read = <T>(name: string, file: string, parse: (text: string) => T): { text: string, parsed: T } | undefined => {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (error) {
      problems.push(`${name} = ${JSON.stringify(file)} cannot be read (${codeOf(error)}): name a PEM file that the user of this process may read`)
      return undefined
    }
    try {
      return { text, parsed: parse(text) }
    } catch (error) {
      problems.push(`${name} = ${JSON.stringify(file)} ${error instanceof Unreadable ? error.message : `does not fit (${codeOf(error)})`}`)
      return undefined
    }
  }
  const cert = read('TLS_CERT', files.cert, certificatesIn)
  const key = read('TLS_KEY', files.key, keyIn)
  const [own] = cert?.parsed ?? []
  if (cert !== undefined && key !== undefined && own !== undefined) {
    if (!own.checkPrivateKey(key.parsed)) problems.push('TLS_KEY is not the key of the first certificate in TLS_CERT: name two files that belong together; the own certificate comes first, then those that issued it')
    else {
      try {
        createSecureContext({ cert: cert.text, key: key.text, minVersion: oldestTls })
        return {
          cert: cert.text,
          key: key.text,
          validFrom: Math.max(...cert.parsed.map(({ validFrom }) => Date.parse(validFrom))),
          expiresAt: Math.min(...cert.parsed.map(({ validTo }) => Date.parse(validTo)))
        }
      } catch (error) {
        problems.push(`TLS_CERT = ${JSON.stringify(files.cert)} cannot be used (${codeOf(error)}): renew it with a key of a usual kind and size`)
      }
    }
  }
  throw new BatonError('SETTINGS_INVALID', 'The certificate of the ingress does not fit. Mend:', { problems })
}

/** Text that is not what it should be; the message goes behind the name of its file. */
class Unreadable extends Error {}

function certificatesIn (text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g)
  if (blocks === null) throw new Unreadable('has no certificate: it must be PEM, -----BEGIN CERTIFICATE-----')
  return blocks.map(block => new X509Certificate(block))
}

function keyIn (text: string): KeyObject {
  if (!text.includes('PRIVATE KEY-----')) throw new Unreadable('has no private key: it must be PEM, -----BEGIN PRIVATE KEY-----')
  if (/BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text)) throw new Unreadable('is encrypted: write the key without a passphrase, readable for the user of this process alone')
  return createPrivateKey(text)
}

/** OpenSSL's and the system's own names for it; never the message, which may tell of what was in the file. */
const codeOf = (error: unknown): string => error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
