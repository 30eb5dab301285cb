import { randomUUID } from 'node:crypto'
import { Agent as HttpAgent, type Agent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { isIPv6, type LookupFunction } from 'node:net'
import { probeCommand, tencentQuery } from '@baton/contracts'
import { exchange, type Answer, type Silence } from './exchange.ts'
import type { HostResolver } from './host-resolver.ts'
import { isLocal } from './place-of-address.ts'

export interface VisitOptions {
  /** The callback URL, as an operator gave it. */
  url: string
  appId: number
  /** The app's tokens; none where it needs no signature. */
  tokens: readonly string[]
  /** Certificates of the authorities that are trusted, in PEM. */
  roots: readonly string[]
  resolver: HostResolver
  /** The clock of this machine, in ms since 1970. */
  now: () => number
}

/** What is asked; left out, it is what Tencent would send. */
export interface Question {
  /** The whole query, without its signature. */
  query?: string
  /** Signs; null does not. Default: the first token of the app. */
  token?: string | null
  /** ms by which `RequestTime` lies in the past. */
  age?: number
  body?: string
  headers?: Record<string, string>
  /** Over a connection of its own. */
  fresh?: boolean
}

/** ms for an answer. Tencent waits for 2 s; we want to know how much it is too late. */
const patience = 10_000

/** What the checks of one run know of the callback URL, and the way to ask it. */
export class Visit {
  readonly #options: VisitOptions
  readonly url: URL
  /** It means this machine or its network by itself: nobody expects Tencent to reach it. */
  readonly isLocal: boolean
  /** Of the host; those that do not take connections are taken out when that is known. */
  addresses: string[] = []
  /** A local URL may have a certificate that nobody else would accept. */
  anyCertificate = false
  /** ms by which the clock of the ingress is ahead of ours, as far as signing needs to know. */
  clockAhead = 0
  /** The answer to the first probe. */
  first: Answer | undefined
  #kept: Agent | undefined

  constructor (options: VisitOptions, url: URL) {
    this.#options = options
    this.url = url
    this.isLocal = isLocal(url)
  }

  get appId (): number { return this.#options.appId }
  get tokens (): readonly string[] { return this.#options.tokens }
  get roots (): readonly string[] { return this.#options.roots }
  get resolver (): HostResolver { return this.#options.resolver }
  get port (): number { return Number(this.url.port) || (this.url.protocol === 'https:' ? 443 : 80) }

  now (): number {
    return this.#options.now()
  }

  /** The query of Tencent's callbacks, unsigned. Source: https://www.tencentcloud.com/document/product/1047/34354 */
  query (appId = this.appId): string {
    return `SdkAppid=${appId}&CallbackCommand=${probeCommand}&contenttype=json&ClientIP=198.51.100.10&OptPlatform=RESTAPI&RequestID=${randomUUID()}`
  }

  /** The query with its signature, if any, as it is sent. */
  signed ({ query = this.query(), token = this.tokens[0], age = 0 }: Question = {}): string {
    return tencentQuery(query, token ?? undefined, this.now() + this.clockAhead - age)
  }

  async ask (question: Question = {}): Promise<Answer | Silence> {
    const { body = smallBody, headers = {}, fresh = false } = question
    const url = new URL(this.url)
    url.search = this.signed(question)
    this.#kept ??= this.#agent(true)
    const agent = fresh ? this.#agent(false) : this.#kept
    return await exchange({ url, body, headers, agent, patience })
  }

  close (): void {
    this.#kept?.destroy()
  }

  /** One connection at a time; kept, it serves for one question after another. */
  #agent (keepAlive: boolean): Agent {
    const settings = { keepAlive, maxSockets: 1, lookup: this.#lookup }
    if (this.url.protocol === 'http:') return new HttpAgent(settings)
    return new HttpsAgent({ ...settings, ca: [...this.roots], rejectUnauthorized: !this.anyCertificate })
  }

  /** The addresses that were found and answered: all questions go to them. */
  readonly #lookup: LookupFunction = (_host, { all }, callback) => {
    const found = this.addresses.map(address => ({ address, family: isIPv6(address) ? 6 : 4 }))
    const [first] = found
    if (first === undefined) callback(new Error('there is no address'), '')
    else if (all) callback(null, found)
    else callback(null, first.address, first.family)
  }
}

const smallBody = JSON.stringify({ CallbackCommand: probeCommand })
