import { entryOf, examples, knownCommands, signatureOf } from '@baton/contracts'
import { openApp, signedApp } from './apps.ts'
import { objectTreeOf, textOf, type ObjectTree, type Tree } from './json-tree.ts'
import type { Randomness } from './randomness.ts'

/** As they are written into the URL; without a value, and without `=`, where that is undefined. */
export type Parameter = [name: string, value: string | undefined]

/** A request that is being made: an example as Tencent would send it, until somebody changes it. */
export class Draft {
  readonly random: Randomness
  /** Seconds since 1970. */
  readonly now: number
  /** What was done to it, in words. */
  readonly changes: string[] = []
  method = 'POST'
  /** Scheme and host of an absolute URL. */
  origin = ''
  path = '/'
  query: Parameter[]
  /** What comes behind the query. */
  tail = ''
  version = 'HTTP/1.1'
  headers: string[] = ['Host: ingress']
  tree: Tree
  /** Stands wherever JSON may have white space. */
  space = ''
  /** A parser may take it for no HTTP. */
  dubious = false
  #bytes: Buffer | undefined

  constructor (random: Randomness, number: number, now: number) {
    this.random = random
    this.now = now
    const command = random.pick(knownCommands)
    const body: Record<string, unknown> = structuredClone(examples[command])
    // A time of its own makes a repeat of none: what comes twice is made so on purpose.
    if ('EventTime' in body || (random.chance(0.5) && 'EventTime' in (entryOf(command)?.body.properties ?? {}))) body['EventTime'] = 1_670_574_414_123 + number
    this.tree = objectTreeOf(body)
    const app = random.chance(0.7) ? openApp : signedApp
    this.query = [['SdkAppid', String(app.sdkAppId)], ['CallbackCommand', command], ['contenttype', 'json'], ['ClientIP', '192.0.2.1'], ['OptPlatform', 'RESTAPI']]
    if (random.chance(0.2)) this.query.push([random.pick(['RequestID', 'RequestId']), `${number}-${random.below(1e9)}`])
    if (app === signedApp) this.sign()
  }

  /** As Tencent would. */
  sign ({ token = this.random.pick(signedApp.tokens), requestTime = String(this.now - this.random.below(20)) } = {}): void {
    this.set('RequestTime', encodeURIComponent(requestTime))
    this.set('Sign', signatureOf(token, requestTime))
  }

  get (name: string): string | undefined {
    return this.query.find(([given]) => given === name)?.[1]
  }

  set (name: string, value: string | undefined): void {
    const found = this.query.find(([given]) => given === name)
    if (found === undefined) this.query.push([name, value])
    else found[1] = value
  }

  drop (...names: string[]): void {
    this.query = this.query.filter(([name]) => !names.includes(name))
  }

  /** The body's object, where it still is one. */
  get object (): ObjectTree | undefined {
    return 'members' in this.tree ? this.tree : undefined
  }

  /** Once it is looked at, changes to the tree do not count any more. */
  get body (): Buffer {
    this.#bytes ??= Buffer.from(textOf(this.tree, this.space))
    return this.#bytes
  }

  set body (bytes: Buffer) {
    this.#bytes = bytes
  }

  get rawQuery (): string {
    return this.query.map(([name, value]) => value === undefined ? name : `${name}=${value}`).join('&')
  }

  /** Each character is a byte. */
  get target (): string {
    return `${this.origin}${this.path}${this.query.length > 0 ? '?' : ''}${this.rawQuery}${this.tail}`
  }

  /** Everything before the empty line. Each character is a byte. */
  head (framing: readonly string[]): string {
    return [`${this.method} ${this.target} ${this.version}`, ...this.headers, ...framing].map(line => `${line}\r\n`).join('')
  }
}
