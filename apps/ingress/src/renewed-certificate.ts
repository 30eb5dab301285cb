import { stat } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import { oldestTls, readTlsPair, type Logger, type TlsFiles, type TlsPair } from '@baton/runtime'

const day = 86_400_000
/** ms before its end from which on a certificate is a warning, unless it was made for not much longer: certbot renews 30 days before. */
const soon = 14 * day

type Age = 'fine' | 'soon' | 'expired' | 'not yet'

/**
 * The certificate of an ingress, and a renewed one as soon as its files hold it. They are looked at, not watched: what certbot and Kubernetes
 * change is a link somewhere above them.
 */
export class RenewedCertificate {
  readonly #files: TlsFiles
  readonly #log: Logger
  readonly #now: () => number
  readonly #servers: Server[] = []
  readonly #timer: NodeJS.Timeout
  #pair: TlsPair
  /** What the files looked like when they held the pair in use, as far as that is known; when they held one that did not fit; and when an alert told so. */
  #inUse: string | undefined
  #doubted: string | undefined
  #refused: string | undefined
  #told: { age: Age, at: number } = { age: 'fine', at: -Infinity }
  #looking = false

  /**
   * Throws SETTINGS_INVALID.
   * @param now ms since 1970
   * @param looks ms between two looks at the files
   */
  constructor (files: TlsFiles, log: Logger, { now = Date.now, looks = 10_000 }: { now?: () => number, looks?: number } = {}) {
    this.#files = files
    this.#log = log
    this.#now = now
    this.#pair = readTlsPair(files)
    this.#tellAge()
    this.#timer = setInterval(() => { void this.look() }, looks).unref() // a start that fails has nothing to wait for
  }

  /** ms since 1970. */
  get expiresAt (): number {
    return this.#pair.expiresAt
  }

  /** Makes a server that speaks HTTPS with the certificate, whichever it is by then. Nobody can be answered whose handshake failed. */
  serve (handler: RequestListener, options: ServerOptions, handshakeFailed: () => void): Server {
    const server = createServer({ ...options, ...secureContext(this.#pair) }, handler)
    server.removeAllListeners('tlsClientError') // Node's own takes it for a request that is no HTTP
    server.on('tlsClientError', (error: Error & { code?: string }, socket) => {
      socket.destroy()
      if (error.code === 'ECONNRESET') return // whoever only looks whether the port is open
      handshakeFailed()
      this.#log.debug({ err: error }, 'a TLS handshake failed')
    })
    this.#servers.push(server)
    return server
  }

  /** Takes a new pair where there is one. One that does not fit is told of if it still stands there at the next look: the two files are not written at once. */
  async look (): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      this.#tellAge()
      const found = (await Promise.all([this.#files.cert, this.#files.key].map(looksOf))).join()
      if (found === this.#inUse) this.#doubted = this.#refused = undefined
      else if (found !== this.#refused) this.#take(found)
    } finally {
      this.#looking = false
    }
  }

  close (): void {
    clearInterval(this.#timer)
  }

  #take (found: string): void {
    try {
      const pair = readTlsPair(this.#files)
      this.#inUse = found
      this.#doubted = this.#refused = undefined
      if (pair.cert === this.#pair.cert && pair.key === this.#pair.key) return
      for (const server of this.#servers) server.setSecureContext(secureContext(pair))
      this.#pair = pair
      this.#told = { age: 'fine', at: -Infinity }
      this.#log.info({ expires: new Date(pair.expiresAt) }, 'the certificate was renewed and is in use')
      this.#tellAge()
    } catch (error) {
      if (found === this.#doubted) {
        this.#refused = found
        this.#log.error({ err: error, expires: new Date(this.expiresAt), alert: 'TLS_CERTIFICATE_UNUSABLE' }, 'the files of the certificate have changed and cannot be used; the certificate from before stays in use. Mend TLS_CERT and TLS_KEY')
      }
      this.#doubted = found
    }
  }

  /** Once a day, and whenever it changes. */
  #tellAge (): void {
    const now = this.#now()
    const { validFrom, expiresAt } = this.#pair
    const age: Age = now >= expiresAt ? 'expired' : now < validFrom ? 'not yet' : expiresAt - now < Math.min(soon, (expiresAt - validFrom) / 3) ? 'soon' : 'fine'
    if (age === this.#told.age && now - this.#told.at < day) return
    this.#told = { age, at: now }
    const expires = new Date(expiresAt)
    switch (age) {
      case 'fine': return
      case 'soon': return this.#log.warn({ expires, days: Math.floor((expiresAt - now) / day) }, 'the certificate expires soon; renew it: the new one is taken without a restart')
      case 'expired': return this.#log.error({ expires, alert: 'TLS_CERTIFICATE_NOT_VALID' }, 'the certificate has expired: callbacks do not come any more. Renew it: the new one is taken without a restart')
      case 'not yet': return this.#log.error({ validFrom: new Date(validFrom), alert: 'TLS_CERTIFICATE_NOT_VALID' }, "the certificate is not valid yet: callbacks do not come. Set this machine's clock, or renew the certificate")
    }
  }
}

const secureContext = ({ cert, key }: TlsPair) => ({ cert, key, minVersion: oldestTls } as const)

/** What changes with a file's content, wherever its links lead. */
const looksOf = async (file: string): Promise<string> => {
  try {
    const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true })
    return `${dev}:${ino}:${size}:${mtimeNs}`
  } catch {
    return 'none'
  }
}
