import { randomUUID } from 'node:crypto'
import { gateKey, targetQueue } from './names.ts'
import type { Queues } from './queues.ts'

/** How many events a target gets in how many ms, from all workers together. */
interface Rate {
  events: number
  per: number
}

/** What may be done with a delivery now. */
type Admission =
  /** It may be attempted, after so many ms. */
  | { kind: 'go', wait: number }
  /** The target is parked: whoever is told so tries it with one event, and all others wait for what comes of it. */
  | { kind: 'probe', wait: number }
  /** Not for so many ms: nobody takes a delivery of this target until then. */
  | { kind: 'shut', milliseconds: number }

/** ms for which a delivery waits in hand for its turn; further ones stay in the queue. */
const longestWait = 1_000
/** ms in which the worker that probes must say what came of it; then another one does. */
const probeLease = 1_000

/**
 * The gate before a target, shared by all workers: its pace, what it asked for with Retry-After, and whether it is parked. It shuts the target's
 * queue with the key that BullMQ's own limiter looks at, so that a delivery is not even taken from it; and Redis opens it again by itself.
 */
export class Gate {
  readonly #queues: Queues
  readonly #target: string
  readonly #interval: number
  readonly #timeout: number
  /** Who probes: this worker's name. */
  readonly #name = randomUUID()

  /** @param timeout ms that one attempt may take */
  constructor (queues: Queues, target: string, { rate, timeout }: { rate?: Rate | undefined, timeout: number }) {
    this.#queues = queues
    this.#target = target
    this.#interval = rate === undefined ? 0 : rate.per / rate.events
    this.#timeout = timeout
  }

  /** Asks for leave to attempt so many events, and takes their turns. */
  async enter (events: number): Promise<Admission> {
    const [kind, milliseconds] = await this.#run(enter, events, this.#interval, longestWait, this.#name, this.#timeout + probeLease)
    switch (kind) {
      case 'go':
      case 'probe': return { kind, wait: Number(milliseconds) }
      default: return { kind: 'shut', milliseconds: Number(milliseconds) }
    }
  }

  /** Nobody tries the target for so many ms. */
  async hold (milliseconds: number): Promise<void> {
    await this.#run(hold, Math.ceil(milliseconds))
  }

  /** Parks the target: from now on it is only probed, first in so many ms. Answers whether it was not parked before. */
  async park (milliseconds: number): Promise<boolean> {
    return (await this.#run(park, Math.ceil(milliseconds)))[0] === 'parked'
  }

  /** A probe failed: the next one is made after a time that doubles each time, up to so many ms. Answers that time. */
  async probeFailed (most: number): Promise<number> {
    return Number((await this.#run(probeFailed, this.#name, most))[1])
  }

  /** The target works. Answers for how many ms it was parked, or undefined where it was not. */
  async open (): Promise<number | undefined> {
    const [was, milliseconds] = await this.#run(open)
    return was === 'parked' ? Number(milliseconds) : undefined
  }

  async #run (script: string, ...args: (string | number)[]): Promise<[string, string]> {
    const answer: unknown = await this.#queues.redis.eval(script, 2, gateKey(this.#target), this.#queues.get(targetQueue(this.#target)).toKey('limiter'), ...args)
    const [kind, value] = Array.isArray(answer) ? answer : []
    return [String(kind), String(value)]
  }
}

/** Redis has the clock that all workers share; in ms. BullMQ takes no job of a queue whose limiter has so high a count. */
const frame = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local function shut(ms)
  ms = math.ceil(ms)
  if ms > 0 then redis.call('SET', KEYS[2], '9007199254740991', 'PX', ms) end
  return { 'shut', tostring(ms) }
end
`

const enter = `${frame}
local events, interval, longest, name, lease = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local gate = redis.call('HMGET', KEYS[1], 'until', 'parked', 'prober', 'lease', 'free')
local left = tonumber(gate[1] or 0) - now
if left > 0 then return shut(left) end
local turn = interval > 0 and math.max(now, tonumber(gate[5] or 0)) or now
if turn - now > longest then return shut(turn - now - longest / 2) end
local kind = 'go'
if gate[2] then
  local leased = tonumber(gate[4] or 0) - now
  if gate[3] and leased > 0 then return shut(math.min(leased, 1000)) end
  redis.call('HSET', KEYS[1], 'prober', name, 'lease', string.format('%.0f', now + lease))
  shut(math.min(lease, 1000))
  kind, events = 'probe', 1
end
if interval > 0 then redis.call('HSET', KEYS[1], 'free', string.format('%.3f', turn + events * interval)) end
return { kind, tostring(math.ceil(turn - now)) }`

const hold = `${frame}
local till = math.max(now + tonumber(ARGV[1]), tonumber(redis.call('HGET', KEYS[1], 'until') or 0))
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', till))
return shut(till - now)`

const park = `${frame}
if redis.call('HSETNX', KEYS[1], 'parked', string.format('%.0f', now)) == 0 then return { 'was', '0' } end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + tonumber(ARGV[1])), 'pause', ARGV[1])
redis.call('HDEL', KEYS[1], 'prober', 'lease')
shut(tonumber(ARGV[1]))
return { 'parked', '0' }`

const probeFailed = `${frame}
if redis.call('HGET', KEYS[1], 'prober') ~= ARGV[1] then return { 'late', '0' } end
local pause = math.min(2 * tonumber(redis.call('HGET', KEYS[1], 'pause') or 1000), tonumber(ARGV[2]))
redis.call('HDEL', KEYS[1], 'prober', 'lease')
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + pause), 'pause', string.format('%.0f', pause))
shut(pause)
return { 'shut', string.format('%.0f', pause) }`

const open = `${frame}
local since = redis.call('HGET', KEYS[1], 'parked')
if not since then return { 'open', '0' } end
redis.call('HDEL', KEYS[1], 'parked', 'pause', 'until', 'prober', 'lease')
redis.call('DEL', KEYS[2])
return { 'parked', string.format('%.0f', now - tonumber(since)) }`
