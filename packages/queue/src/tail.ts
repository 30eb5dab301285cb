import { randomUUID } from 'node:crypto'
import type { JournalledEvent } from '@baton/contracts'
import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { Redis } from 'ioredis'
import { StoredEvent, restoreEvent, storeEvent } from './job-data.ts'
import { tailChannel, tailsKey } from './names.ts'

/** ms between two looks whether anybody watches. */
const looks = 1_000
/** ms after which one who watches and has died is forgotten. */
const memory = 5 * looks

const Published = Type.Object({ publisher: Type.String(), nth: Type.Integer(), events: Type.Array(StoredEvent) })
const check = TypeCompiler.Compile(Published)

/** Publishes events as they are routed while somebody watches, and costs next to nothing else. Whoever is too slow misses some, and is told so. */
export class TailPublisher {
  readonly #redis: Redis
  readonly #name = randomUUID()
  #nth = 0
  #watched = false
  #nextLook = 0

  constructor (redis: Redis) {
    this.#redis = redis
  }

  /** Never rejects: what nobody sees is no reason to route again. */
  async publish (events: readonly JournalledEvent[]): Promise<void> {
    try {
      await this.#publish(events)
    } catch {
      this.#watched = false
    }
  }

  async #publish (events: readonly JournalledEvent[]): Promise<void> {
    const now = performance.now()
    if (now >= this.#nextLook) {
      this.#nextLook = now + looks
      this.#watched = await this.#redis.exists(tailsKey) === 1
    }
    if (!this.#watched || events.length === 0) return
    this.#nth += 1
    await this.#redis.publish(tailChannel, JSON.stringify({ publisher: this.#name, nth: this.#nth, events: events.map(storeEvent) }))
  }
}

export interface TailListener {
  event: (event: JournalledEvent) => void
  /** So many times events were published and did not come here: this end, or the way to it, is too slow. */
  missed: (times: number) => void
  /** Redis does not take that somebody watches; soon nothing is published any more. It is tried again. */
  blind: (error: unknown) => void
}

/** Watches events as they are routed, from a second from now at the latest. Answers how to stop. */
export async function watchTail (redis: Redis, { event, missed, blind }: TailListener): Promise<() => Promise<void>> {
  const latest = new Map<string, number>()
  const subscriber = redis.duplicate({ connectionName: 'baton-tail', maxRetriesPerRequest: null })
  subscriber.on('error', () => {}) // it connects again by itself, and what it missed is counted
  subscriber.on('message', (_channel, message) => {
    const published = parsed(message)
    if (!check.Check(published)) return // another version's
    const { publisher, nth, events } = published
    const gap = nth - (latest.get(publisher) ?? nth - 1) - 1
    latest.set(publisher, nth)
    if (gap > 0) missed(gap)
    for (const stored of events) event(restoreEvent(stored))
  })
  const show = async () => { await redis.set(tailsKey, 1, 'PX', memory) }
  try {
    await subscriber.subscribe(tailChannel)
    await show()
  } catch (error) {
    subscriber.disconnect()
    throw error
  }
  const timer = setInterval(() => { void show().catch(blind) }, looks)
  return async () => {
    clearInterval(timer)
    subscriber.disconnect()
  }
}

function parsed (message: string): unknown {
  try {
    return JSON.parse(message)
  } catch {
    return undefined
  }
}
