import { examples, type KnownCommand } from '@baton/contracts'
import { bringAbout } from './consequences.ts'
import { fakeBody } from './fake-body.ts'
import { fakeQuery } from './fake-query.ts'
import { asciiText, isJsonObject, jsonText } from './json.ts'
import { Random } from './random.ts'
import { Scene } from './scene.ts'
import { World } from './world.ts'

/** One callback, as it would come from Tencent's backend but for the signature, which depends on when it is sent. */
export interface FakeCallback {
  command: string
  /** Without `Sign` and `RequestTime`, and without a leading `?`. */
  query: string
  body: Buffer
  /** Those beyond Host and Content-Length: Tencent documents no others, so mostly none. */
  headers: Readonly<Record<string, string>>
}

export interface FakeTencentOptions {
  /** The same seed, asked for the same commands, gives the same callbacks, byte for byte. An unsigned 32-bit number. */
  seed?: number
  /** SDKAppID. */
  appId?: number
  /** When the next callback happens, in ms since 1970. By default four a second from the first moment of 2026 on, so that a seed tells all. */
  clock?: () => number
}

export interface FakeCallbackOptions {
  /** Makes the body other than any edition documents it: a field of its own, and bare numbers where Tencent's examples have numbers that JavaScript cannot hold. */
  drift?: boolean
}

const start = Date.UTC(2026, 0, 1)
const step = 250

/**
 * Makes up callbacks of a small world in which they hang together. The first of each command is the documented example, of somebody else, somewhere else and
 * at another time; each further one is varied in all that Tencent may vary.
 */
export class FakeTencent {
  readonly #random: Random
  readonly #world: World
  readonly #appId: number
  readonly #clock: () => number
  readonly #shown = new Set<string>()

  constructor ({ seed = 1, appId = 1400000000, clock }: FakeTencentOptions = {}) {
    let made = 0
    this.#random = new Random(seed)
    this.#world = new World(this.#random)
    this.#appId = appId
    this.#clock = clock ?? (() => start + step * made++)
  }

  callback (command: KnownCommand, { drift = false }: FakeCallbackOptions = {}): FakeCallback {
    const random = this.#random
    const example: unknown = examples[command]
    const plain = !this.#shown.has(command)
    this.#shown.add(command)
    const scene = new Scene({ command, world: this.#world, random, appId: this.#appId, now: this.#clock(), example: isJsonObject(example) ? example : {}, plain, drift })
    const body = fakeBody(scene)
    bringAbout(scene, body)
    const text = jsonText(body)
    return {
      command,
      query: fakeQuery(scene),
      body: Buffer.from(!plain && random.chance(0.1) ? asciiText(text) : text),
      headers: !plain && random.chance(0.3) ? { 'content-type': 'application/json' } : {}
    }
  }
}
