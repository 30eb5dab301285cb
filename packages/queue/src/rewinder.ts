import type { Logger } from '@baton/runtime'
import { backlogOf } from './backlogs.ts'
import { batch, type ForwardSource } from './forwarder.ts'
import type { IntakeWriter } from './intake-writer.ts'
import { jobVersion, storeEvent } from './job-data.ts'
import { intakeQueue, rewindCursorKey, rewindJobId } from './names.ts'
import type { Queues } from './queues.ts'
import { registeredTargets, targetLimits } from './registered-targets.ts'
import { answerRewind, rewindOrders, rewindParts, rewindValidity, type RewindOrder } from './rewind.ts'

export interface RewindSource extends ForwardSource {
  /** A number before which no event was received at or after this time, in ms since 1970; one more than the last where there is none. */
  firstSince: (time: number) => number
}

/** Jobs in intake beyond which a rewind waits: new events go first. */
const mostInIntake = 50
/** ms for which a look at the queues holds. */
const validity = 100

interface Running {
  id: string
  order: RewindOrder
  from: number
  to: number
  /** How far it came; undefined while that is not known. */
  cursor: { position: number, held: string } | undefined
}

/**
 * Carries out orders to rewind, for one journal: events are put into intake once more. How far it came is kept in Redis, and advances in the
 * transaction that adds the job, so whoever goes on after a crash leaves nothing out.
 */
export class Rewinder {
  readonly #queues: Queues
  readonly #writer: IntakeWriter
  readonly #source: RewindSource
  readonly #log: Logger
  readonly #known = new Set<string>()
  #running: Running[] = []
  #lookedAt = -Infinity
  #hasRoom = false

  constructor (queues: Queues, writer: IntakeWriter, source: RewindSource, log: Logger) {
    this.#queues = queues
    this.#writer = writer
    this.#source = source
    this.#log = log
  }

  /** Looks for new orders. @param position up to where events are in Redis: what comes later needs no rewind */
  async look (position: number): Promise<void> {
    const orders = await rewindOrders(this.#queues.redis)
    for (const [id, order] of orders) {
      if (this.#known.has(id)) continue
      let part = (await rewindParts(this.#queues.redis, id)).get(this.#source.id)
      if (part === undefined) {
        part = { from: Math.min(this.#source.firstSince(order.since) - 1, position), to: position }
        await answerRewind(this.#queues.redis, id, this.#source.id, part)
      }
      this.#known.add(id)
      if (!order.dryRun && part.to > part.from) this.#running.push({ id, order, ...part, cursor: undefined })
    }
    for (const id of this.#known) if (!orders.has(id)) this.#known.delete(id)
  }

  /** Puts one batch into intake; false when there is nothing to do, or no room. */
  async step (): Promise<boolean> {
    const [running] = this.#running
    if (running === undefined) return false
    try {
      return await this.#bring(running)
    } catch (error) {
      running.cursor = undefined // whether the transaction was carried out is not known
      this.#log.warn({ err: error, rewind: running.id }, 'a rewind does not get on; it is tried again')
      this.#hasRoom = false
      this.#lookedAt = performance.now() // new events are not held up
      return false
    }
  }

  async #bring (running: Running): Promise<boolean> {
    const { id, order, to } = running
    const key = rewindCursorKey(id, this.#source.id)
    running.cursor ??= await this.#cursor(key, running.from)
    const { position, held } = running.cursor
    if (position >= to) {
      this.#running.shift()
      await this.#queues.redis.expire(key, rewindValidity) // a restart asks once more
      this.#log.info({ rewind: id, to }, 'everything of a rewind is in intake')
      return true
    }
    if (!await this.#room(order.target)) return false
    const entries = this.#source.read(position, batch).filter(({ seq }) => seq <= to)
    const end = entries.at(-1)?.seq ?? to
    running.cursor = undefined
    if (entries.length === 0) {
      this.#running.shift() // nothing of it is kept any more
      return true
    }
    const advanced = await this.#writer.push(rewindJobId(id, this.#source.id, position + 1, end), {
      v: jobVersion,
      events: entries.map(({ seq, event }) => storeEvent({ ...event, journal: this.#source.id, seq })),
      rewind: id,
      ...(order.target !== null && { only: order.target })
    }, { key, expected: held, to: String(end) })
    if (advanced) running.cursor = { position: end, held: String(end) }
    return true
  }

  async #cursor (key: string, from: number): Promise<{ position: number, held: string }> {
    await this.#writer.settle()
    const held = await this.#queues.redis.get(key) ?? ''
    return { position: Math.max(from, Number(held)), held }
  }

  /** Whether intake and the targets can take more at the moment. */
  async #room (target: string | null): Promise<boolean> {
    if (performance.now() - this.#lookedAt < validity) return this.#hasRoom
    const { redis } = this.#queues
    this.#hasRoom = await redis.llen(this.#queues.get(intakeQueue).toKey('wait')) < mostInIntake
    for (const name of target === null ? await registeredTargets(redis) : [target]) {
      const limits = await targetLimits(redis, name)
      if (limits !== undefined && await backlogOf(this.#queues, name) > limits.backlog / 2) this.#hasRoom = false
    }
    this.#lookedAt = performance.now()
    return this.#hasRoom
  }
}
