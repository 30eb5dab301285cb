import { entryOf } from '@baton/contracts'
import { guardedApp, openApp, signedApp } from './apps.ts'
import { misfits } from './misfits.ts'
import type { Kept } from './verdict.ts'

/** A request as it is sent, framing aside. */
export interface SentRequest {
  method: string
  /** Each character is a byte. */
  target: string
  body: Buffer
  /** Bytes that the body has, or is said to have. */
  size: number
  /** Seconds since 1970. */
  now: number
}

/** What the documentation has one find in a request. */
export class Reading {
  readonly method: string
  readonly path: string
  readonly size: number
  readonly app: typeof openApp | typeof guardedApp | typeof signedApp | undefined
  readonly sign: string
  readonly requestTime: string
  /** s between RequestTime and now, either way; NaN where it is no time. */
  readonly age: number
  /** In the order of the query. */
  readonly queryCommands: readonly string[]
  /** Empty where there is none, as the next two. */
  readonly queryCommand: string
  readonly #request: SentRequest
  readonly #rawQuery: string
  #object: { value: object | undefined } | undefined
  #misfits: Array<{ read: boolean }> | undefined

  constructor (request: SentRequest) {
    const { method, target, size, now } = request
    this.#request = request
    this.method = method
    this.size = size
    const [, origin = '', rest = ''] = /^(https?:\/\/[^/?]*)?(.*)$/i.exec(target) ?? []
    this.path = origin !== '' && rest.includes('#') ? '' : rest.split(/[?#]/, 1)[0] ?? '' // an absolute URL has no fragment
    this.#rawQuery = target.includes('?') ? target.slice(target.indexOf('?') + 1) : ''
    const parameters = new URLSearchParams(this.#rawQuery)
    const appIds = new Set([...parameters.getAll('SdkAppid'), ...parameters.getAll('SdkAppId')])
    this.app = appIds.size === 1 ? [openApp, guardedApp, signedApp].find(({ sdkAppId }) => appIds.has(String(sdkAppId))) : undefined
    this.sign = parameters.get('Sign') ?? ''
    this.requestTime = parameters.get('RequestTime') ?? ''
    this.age = /^\d{1,15}$/.test(this.requestTime) ? Math.abs(now - Number(this.requestTime)) : NaN
    this.queryCommands = parameters.getAll('CallbackCommand')
    this.queryCommand = this.queryCommands[0] ?? ''
  }

  /** What the body is, where it is a JSON object. */
  get object (): object | undefined {
    this.#object ??= { value: objectIn(this.#request.body) }
    return this.#object.value
  }

  get bodyCommand (): string {
    return this.object !== undefined && 'CallbackCommand' in this.object && typeof this.object.CallbackCommand === 'string' ? this.object.CallbackCommand : ''
  }

  get command (): string {
    return this.queryCommand || this.bodyCommand
  }

  get misfits (): ReadonlyArray<{ read: boolean }> {
    this.#misfits ??= misfits(entryOf(this.command)?.body ?? {}, this.object)
    return this.#misfits
  }

  get kept (): Kept {
    const pairs = this.#rawQuery.split('&').filter(pair => [...new URLSearchParams(pair)][0]?.[0] !== 'Sign')
    return { app: this.app?.sdkAppId ?? 0, query: pairs.join('&'), body: this.#request.body }
  }
}

function objectIn (body: Buffer): object | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
    const value: unknown = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
