import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { ChainableCommander, Redis } from 'ioredis'
import { chunkOf, chunkSize, combine, endOfChunk, isSet, numbersIn, set } from './event-bits.ts'
import { carryOut } from './marks.ts'
import { deadChangesKey, deadChunksKey, deadKey, laggingKey, placedKey, pointerKey, routedKey, settledKey, settledToKey, targetStartsKey, targetsKey } from './names.ts'
import { readPointer } from './pointer.ts'
import { isOver, retirements } from './retirements.ts'

/** An event that Redis holds for a target neither as a delivery nor as settled. */
export interface Gap {
  seq: number
  /** It was a dead letter of a Redis that has lost it. */
  revived: boolean
}

/** How one target stands. */
export interface TargetView {
  name: string
  /** It gets no deliveries from routers. */
  lagging: boolean
  /** Ascending; those that were dead letters come last. */
  gaps: () => Generator<Gap, void>
  /** Events that are placed and not settled: ascending. */
  placed: () => Generator<number, void>
}

/** How a journal stands in Redis, at one moment. */
export interface JournalView {
  /** Every event up to here is settled for all targets. */
  settledTo: number
  targets: TargetView[]
  /** Events that were forwarded and are not routed: ascending. */
  unrouted: () => Generator<number, void>
  /** Up to which number every event is routed, and in Redis wherever it is not settled. */
  placedTo: () => number
  /** Events from after `settledTo` to this number that are not settled for some target. */
  unsettledTo: (last: number) => number
  /** Notes that the journal should keep; null removes one. */
  notes: Map<string, string | null>
}

const Reached = Type.Object({
  settledTo: Type.Integer(),
  /** The same for each target alone. */
  targets: Type.Record(Type.String(), Type.Integer())
})

/** Names of a journal's notes. */
const reachedNote = (journal: string): string => `reached:${journal}`
const bitsNote = (kind: 'settled' | 'dead', journal: string, place: string): string => `${kind}:${journal}:${place}`

/** Up to where a journal has noted that everything is settled; undefined where it has noted nothing. */
export function notedSettledTo (journal: string, recall: (key: string) => string | undefined): number | undefined {
  return readReached(recall(reachedNote(journal)))?.settledTo
}

function readReached (text: string | undefined): { settledTo: number, targets: Record<string, number> } | undefined {
  try {
    const reached: unknown = JSON.parse(text ?? 'null')
    return Value.Check(Reached, reached) ? reached : undefined
  } catch {
    return undefined
  }
}

const nothing = Buffer.alloc(0)
/** A bitmap in which everything is set. */
const isFull = (bits: Buffer): boolean => bits.length === chunkSize / 8 && bits.every(byte => byte === 0xFF)
const either = (a: number, b: number): number => a | b
const without = (a: number, b: number): number => a & ~b

/** What one target's bitmaps hold, by chunk. */
interface TargetBits {
  settled: Map<number, Buffer>
  placed: Map<number, Buffer>
  dead: Map<number, Buffer>
}

/**
 * Watches how far the events of one journal have come in Redis: what is settled for all, what the journal must note so that a Redis which
 * loses its data need not be told everything anew, and where events are that Redis holds no more or not yet.
 */
export class JournalWatch {
  readonly #redis: Redis
  readonly #journal: string
  #settledTo: number
  /** The last number before the first gap, for each target. Never goes back: what was settled once stays so, also where Redis has lost it. */
  readonly #reached: Map<string, number>
  /** Bitmaps as they are noted, by `<target>:<chunk>`. */
  readonly #noted: { settled: Map<string, Buffer>, dead: Map<string, Buffer> }
  /** Chunks that are settled as a whole, by `<target>:<chunk>`: they need not be read again. */
  readonly #full = new Set<string>()
  /** Chunks before this one are no longer in Redis. */
  #droppedTo: number
  #reachedNote: string
  /** Notes under ids that the journal had before. */
  readonly #stale: string[]
  /** How often dead letters had changed when they were last looked at. */
  #deadChanges: string | null | undefined
  /** The journal has noted something of Redis before. */
  readonly hasNotes: boolean

  /** @param notes all that the journal keeps */
  constructor (redis: Redis, journal: string, { settledTo, notes }: { settledTo: number, notes: ReadonlyMap<string, string> }) {
    this.#redis = redis
    this.#journal = journal
    this.#settledTo = settledTo
    this.#reachedNote = notes.get(reachedNote(journal)) ?? ''
    this.hasNotes = this.#reachedNote !== ''
    this.#stale = [...notes.keys()].filter(key => /^(reached|settled|dead):/.test(key) && key.split(':')[1] !== journal)
    this.#reached = new Map(Object.entries(readReached(this.#reachedNote)?.targets ?? {}))
    const bitsOf = (kind: 'settled' | 'dead') => {
      const start = bitsNote(kind, journal, '')
      return new Map([...notes].flatMap(([key, text]) => key.startsWith(start) ? [[key.slice(start.length), Buffer.from(text, 'base64')] as const] : []))
    }
    this.#noted = { settled: bitsOf('settled'), dead: bitsOf('dead') }
    this.#droppedTo = Math.max(0, chunkOf(settledTo + 1) - 1) // one more: the last process may have died before it dropped it
  }

  /**
   * @param pointer how far events were forwarded
   * @param noted up to where the journal has noted that everything is settled
   * @param trimmedTo the journal keeps no event up to here
   * @returns undefined where Redis is not as it is thought to be: it has lost data, or another forwarder is at work
   */
  async look ({ pointer, noted, trimmedTo }: { pointer: number, noted: number, trimmedTo: number }): Promise<JournalView | undefined> {
    const [members, retiring] = await Promise.all([this.#redis.smembers(targetsKey), retirements(this.#redis)])
    const retired = new Set([...retiring].flatMap(([name, retirement]) => isOver(retirement) ? [name] : []))
    for (const name of retired) this.#reached.delete(name)
    const names = [...new Set([...members, ...this.#reached.keys()])].filter(name => !retired.has(name))
    if (names.some(name => !members.includes(name))) await this.#redis.sadd(targetsKey, ...names) // a Redis that came back older than a target would wait for it no more
    const [lagging, changes, starts] = await Promise.all([
      this.#redis.hkeys(laggingKey),
      this.#redis.get(deadChangesKey(this.#journal)),
      names.length === 0 ? [] : this.#redis.hmget(targetStartsKey, ...names.map(name => `${name}:${this.#journal}`))
    ])
    names.forEach((name, at) => { this.#reached.set(name, Math.min(pointer, Math.max(this.#settledTo, this.#reached.get(name) ?? 0, Number(starts[at] ?? 0)))) })
    const deadChunks = await this.#redis.smembers(deadChunksKey(this.#journal))
    const read = await this.#read(names, changes === this.#deadChanges ? [] : deadChunks, pointer)
    if (read === undefined) return undefined
    const { routed, targets } = read
    const lostDead = [...targets.values()].some(({ dead, placed }) => [...dead].some(([chunk, bits]) => combine(bits, placed.get(chunk) ?? nothing, without).some(byte => byte !== 0)))
    this.#deadChanges = lostDead ? undefined : changes // those that are not brought yet are looked for again

    const notes = new Map<string, string | null>(this.#stale.splice(0).map(key => [key, null]))
    for (const [name, bits] of targets) {
      this.#noteSettled(name, bits.settled, pointer, notes)
      this.#noteDead(name, bits.dead, notes)
      this.#advance(name, pointer)
    }
    if (names.length > 0) this.#settledTo = Math.max(this.#settledTo, Math.min(...names.map(name => this.#reached.get(name) ?? 0)))
    this.#noteReached(names, notes)
    this.#forgetNotes(trimmedTo, retired, notes)
    await this.#dropPassed(names, Math.min(noted, this.#settledTo), { deadChunks, trimmedTo })

    const settledTo = this.#settledTo
    const views = names.map(name => ({
      name,
      lagging: lagging.includes(name),
      gaps: () => this.#gaps(name, targets.get(name), { routed, pointer, trimmedTo }),
      placed: () => this.#placed(name, targets.get(name), pointer)
    }))
    return {
      settledTo,
      targets: views,
      unrouted: () => unsetIn(routed, settledTo + 1, pointer),
      placedTo: () => {
        const firstGaps = views.flatMap(({ gaps }) => gaps().next().value ?? [])
        const firstUnrouted = unsetIn(routed, settledTo + 1, pointer).next().value ?? pointer + 1
        return Math.min(firstUnrouted, ...firstGaps.map(({ seq }) => seq)) - 1
      },
      unsettledTo: last => {
        let count = 0
        for (let chunk = chunkOf(settledTo + 1); chunk <= chunkOf(last); chunk++) count += this.#unsettledIn(chunk, names, settledTo + 1, last)
        return count
      },
      notes
    }
  }

  /** Brings back into a Redis that lost its data what the journal has noted; marks that were set meanwhile stay. */
  async restore (): Promise<void> {
    this.#deadChanges = undefined
    const names = [...this.#reached.keys()]
    if (names.length > 0) await this.#redis.sadd(targetsKey, ...names)
    for (const [name, reached] of this.#reached) {
      for (let chunk = chunkOf(this.#settledTo + 1); chunk <= chunkOf(reached); chunk++) {
        const place = `${name}:${chunk}`
        this.#noted.settled.set(place, combine(this.#noted.settled.get(place) ?? nothing, bitsBetween(chunk, this.#settledTo + 1, reached), either))
      }
    }
    for (const [kind, keyOf] of [['settled', settledKey], ['dead', deadKey]] as const) {
      for (const [place, bits] of this.#noted[kind]) {
        const { target, chunk } = placeOf(place)
        const key = keyOf(this.#journal, target, chunk)
        const multi = this.#redis.multi().set(`${key}:noted`, bits).bitop('OR', key, key, `${key}:noted`).del(`${key}:noted`)
        if (kind === 'dead') multi.sadd(deadChunksKey(this.#journal), place)
        await carryOut(multi)
      }
    }
    await this.#beginGapsAt(this.#settledTo)
  }

  /** All bitmaps that matter, as of one moment at which the pointer stood where it is thought to stand. */
  async #read (names: readonly string[], deadChunks: readonly string[], pointer: number): Promise<{ routed: Map<number, Buffer>, targets: Map<string, TargetBits> } | undefined> {
    const multi = this.#redis.multi().get(pointerKey(this.#journal))
    const takers: ((bits: Buffer) => void)[] = []
    const wanted = (commands: ChainableCommander, key: string, take: (bits: Buffer) => void) => {
      commands.getBuffer(key)
      takers.push(take)
    }
    const routed = new Map<number, Buffer>()
    for (let chunk = chunkOf(this.#settledTo + 1); chunk <= chunkOf(pointer); chunk++) wanted(multi, routedKey(this.#journal, chunk), bits => { routed.set(chunk, bits) })
    const targets = new Map<string, TargetBits>()
    for (const name of names) {
      const own: TargetBits = { settled: new Map(), placed: new Map(), dead: new Map() }
      targets.set(name, own)
      for (let chunk = chunkOf((this.#reached.get(name) ?? 0) + 1); chunk <= chunkOf(pointer); chunk++) {
        if (this.#full.has(`${name}:${chunk}`)) continue
        wanted(multi, settledKey(this.#journal, name, chunk), bits => { own.settled.set(chunk, bits) })
        wanted(multi, placedKey(this.#journal, name, chunk), bits => { own.placed.set(chunk, bits) })
      }
    }
    for (const { target, chunk } of deadChunks.map(placeOf)) {
      const own = targets.get(target)
      if (own === undefined) continue
      wanted(multi, deadKey(this.#journal, target, chunk), bits => { own.dead.set(chunk, bits) })
      wanted(multi, placedKey(this.#journal, target, chunk), bits => { own.placed.set(chunk, bits) })
    }
    const [held, ...replies] = await carryOut(multi)
    if (typeof held !== 'string' || readPointer(held).seq !== pointer) return undefined // a Redis that has just lost its data says nothing of dead letters
    takers.forEach((take, at) => {
      const bits = replies[at]
      take(Buffer.isBuffer(bits) ? bits : nothing)
    })
    return { routed, targets }
  }

  /** Marks of the last note stay: what was settled once stays so, also where Redis has just lost it. */
  #noteSettled (name: string, settled: ReadonlyMap<number, Buffer>, pointer: number, notes: Map<string, string | null>): void {
    for (const [chunk, held] of settled) {
      const place = `${name}:${chunk}`
      const noted = this.#noted.settled.get(place)
      const bits = noted === undefined || noted.equals(held) ? held : combine(held, noted, either)
      if (isFull(bits) && endOfChunk(chunk) <= pointer) this.#full.add(place)
      if (bits.length === 0 || noted?.equals(bits) === true) continue
      this.#noted.settled.set(place, bits)
      notes.set(bitsNote('settled', this.#journal, place), bits.toString('base64'))
    }
  }

  /** Dead letters come and go: what Redis holds is what is noted. */
  #noteDead (name: string, dead: ReadonlyMap<number, Buffer>, notes: Map<string, string | null>): void {
    for (const [chunk, held] of dead) {
      const place = `${name}:${chunk}`
      if ((this.#noted.dead.get(place) ?? nothing).equals(held)) continue
      this.#noted.dead.set(place, held)
      notes.set(bitsNote('dead', this.#journal, place), held.toString('base64'))
    }
  }

  #noteReached (names: readonly string[], notes: Map<string, string | null>): void {
    const note = JSON.stringify({ settledTo: this.#settledTo, targets: Object.fromEntries(names.map(name => [name, this.#reached.get(name) ?? 0])) })
    if (note === this.#reachedNote) return
    this.#reachedNote = note
    notes.set(reachedNote(this.#journal), note)
  }

  /** Removes notes that say nothing any more: of targets that are retired, bitmaps that a target has passed, and dead letters that the journal no longer has. */
  #forgetNotes (trimmedTo: number, retired: ReadonlySet<string>, notes: Map<string, string | null>): void {
    for (const place of this.#noted.settled.keys()) {
      const { target, chunk } = placeOf(place)
      if (!retired.has(target) && endOfChunk(chunk) > (this.#reached.get(target) ?? 0)) continue
      this.#noted.settled.delete(place)
      this.#full.delete(place)
      notes.set(bitsNote('settled', this.#journal, place), null)
    }
    for (const [place, bits] of this.#noted.dead) {
      const { target, chunk } = placeOf(place)
      if (!retired.has(target) && endOfChunk(chunk) > trimmedTo && !bits.every(byte => byte === 0)) continue
      this.#noted.dead.delete(place)
      notes.set(bitsNote('dead', this.#journal, place), null)
    }
  }

  /** Drops bitmaps behind the point up to which the journal itself knows that everything is settled. */
  async #dropPassed (names: readonly string[], noted: number, { deadChunks, trimmedTo }: { deadChunks: readonly string[], trimmedTo: number }): Promise<void> {
    const dropped: string[] = []
    for (let chunk = this.#droppedTo; endOfChunk(chunk) <= noted; chunk++) {
      dropped.push(routedKey(this.#journal, chunk))
      for (const name of names) {
        dropped.push(settledKey(this.#journal, name, chunk))
        if (!deadChunks.includes(`${name}:${chunk}`)) dropped.push(placedKey(this.#journal, name, chunk))
      }
      this.#droppedTo = chunk + 1
    }
    if (dropped.length > 0) await this.#beginGapsAt(endOfChunk(this.#droppedTo - 1))
    const forgotten = deadChunks.filter(place => endOfChunk(placeOf(place).chunk) <= Math.min(trimmedTo, noted))
    for (const { target, chunk } of forgotten.map(placeOf)) dropped.push(deadKey(this.#journal, target, chunk), placedKey(this.#journal, target, chunk))
    if (forgotten.length > 0) await this.#redis.srem(deadChunksKey(this.#journal), ...forgotten)
    if (dropped.length > 0) await this.#redis.unlink(...dropped)
  }

  /** Tells ordered targets that no bitmap says anything of events up to here: they are settled. */
  async #beginGapsAt (settledTo: number): Promise<void> {
    const key = settledToKey(this.#journal)
    if (settledTo > Number(await this.#redis.get(key) ?? 0)) await this.#redis.set(key, settledTo)
  }

  /** How many events of a chunk, from `first` to `last`, some target has not settled. */
  #unsettledIn (chunk: number, names: readonly string[], first: number, last: number): number {
    let open: Buffer = nothing
    for (const name of names) {
      const place = `${name}:${chunk}`
      const from = Math.max(first, (this.#reached.get(name) ?? 0) + 1)
      if (this.#full.has(place) || from > Math.min(last, endOfChunk(chunk))) continue
      open = combine(open, combine(bitsBetween(chunk, from, last), this.#noted.settled.get(place) ?? nothing, without), either)
    }
    let count = 0
    for (let byte of open) for (; byte !== 0; byte &= byte - 1) count += 1
    return count
  }

  #isSettled (name: string, seq: number): boolean {
    const place = `${name}:${chunkOf(seq)}`
    return this.#full.has(place) || isSet(this.#noted.settled.get(place) ?? nothing, seq % chunkSize)
  }

  #advance (name: string, pointer: number): void {
    let reached = this.#reached.get(name) ?? 0
    while (reached < pointer) {
      const next = reached + 1
      if (next % chunkSize === 0 && this.#full.has(`${name}:${chunkOf(next)}`)) reached = Math.min(pointer, endOfChunk(chunkOf(next)))
      else if (this.#isSettled(name, next)) reached = next
      else break
    }
    this.#reached.set(name, reached)
  }

  * #placed (name: string, bits: TargetBits | undefined, pointer: number): Generator<number, void> {
    for (const [chunk, settled] of bits?.settled ?? []) {
      yield * numbersIn(combine(bits?.placed.get(chunk) ?? nothing, settled, without), chunk, (this.#reached.get(name) ?? 0) + 1, pointer)
    }
  }

  * #gaps (name: string, bits: TargetBits | undefined, { routed, pointer, trimmedTo }: { routed: ReadonlyMap<number, Buffer>, pointer: number, trimmedTo: number }): Generator<Gap, void> {
    if (bits === undefined) return
    const reached = this.#reached.get(name) ?? 0
    for (const [chunk, settled] of bits.settled) {
      const done = combine(settled, bits.placed.get(chunk) ?? nothing, either)
      const open = combine(routed.get(chunk) ?? nothing, done, without)
      for (const seq of numbersIn(open, chunk, reached + 1, pointer)) yield { seq, revived: false }
    }
    for (const [chunk, dead] of bits.dead) {
      const lost = combine(dead, bits.placed.get(chunk) ?? nothing, without)
      for (const seq of numbersIn(lost, chunk, trimmedTo + 1, pointer)) yield { seq, revived: true }
    }
  }
}

/** Of `<target>:<chunk>`. */
function placeOf (place: string): { target: string, chunk: number } {
  const at = place.lastIndexOf(':')
  return { target: place.slice(0, at), chunk: Number(place.slice(at + 1)) }
}

/** A bitmap of a chunk in which the numbers from `first` to `last` are set. */
function bitsBetween (chunk: number, first: number, last: number): Buffer {
  const end = Math.min(last, endOfChunk(chunk))
  const bits = Buffer.alloc(((end % chunkSize) >> 3) + 1)
  for (let seq = Math.max(first, chunk * chunkSize); seq <= end; seq++) set(bits, seq % chunkSize)
  return bits
}

/** The numbers from `first` to `last` whose bits are not set. */
function * unsetIn (bits: ReadonlyMap<number, Buffer>, first: number, last: number): Generator<number, void> {
  for (let seq = first; seq <= last; seq++) {
    const own = bits.get(chunkOf(seq)) ?? nothing
    if (!isSet(own, seq % chunkSize)) yield seq
    else if ((seq & 7) === 0 && own[(seq % chunkSize) >> 3] === 0xFF) seq += 7 // a byte without a gap
  }
}
