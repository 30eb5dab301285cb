import type { DriftReport, Quarantined, RedisRoom } from '@baton/queue'

/** What the thread that forwards is given. */
export interface ForwardTask {
  /** Folder of the journal. */
  folder: string
  redisUrl: string
  level: string
  /** Bytes of Redis's memory at which forwarding pauses; undefined: a share of its own limit. */
  redisMemory: number | undefined
  /** Bytes that unsettled events may take in the journal. */
  unsettledQuota: number
  /** Numbers that both threads see: see `shared`. */
  numbers: SharedArrayBuffer
}

/** What it tells. */
export type ForwardReport =
  | { type: 'forwarded', events: number, to: number }
  /** Whether it forwards: null, or since when not, in ms since 1970; and how full Redis was when it last looked. */
  | { type: 'state', stoppedSince: number | null, room: RedisRoom | undefined }
  /** What it has seen in Redis, once a second. */
  | {
    type: 'seen'
    /** Every event up to here is settled for all targets. */
    settledTo: number
    /** The journal may forget everything up to here, as it has no room for more: not before `settledTo`. */
    releasedTo: number
    /** Events between the two that are not settled: Redis alone has them. */
    unprotected: number
    /** To be noted in the journal; null removes a note. */
    notes: Map<string, string | null>
  }
  /** Redis knows of events that the journal has not. */
  | { type: 'ahead', position: number }
  /** What became of so many callbacks that were to be quarantined. */
  | { type: 'quarantined', kept: number, lost: number }
  /** What came of the drift that it was given: deviations that nobody had seen before, and sightings that are not listed. */
  | { type: 'drift', fresh: number, unlisted: number }

export type ForwardOrder = 'wake' | 'close' | { quarantine: Quarantined } | { drift: DriftReport }

const bytes = 3 * BigInt64Array.BYTES_PER_ELEMENT

export const sharedNumbers = (): SharedArrayBuffer => new SharedArrayBuffer(bytes)

/** The highest number on disk, the highest up to which all is noted as settled, and whether the thread has gone to sleep and wants to be woken. */
export function shared (numbers: SharedArrayBuffer) {
  const cells = new BigInt64Array(numbers)
  const cell = (at: number) => ({
    get: () => Number(Atomics.load(cells, at)),
    set: (value: number) => { Atomics.store(cells, at, BigInt(value)) }
  })
  return {
    flushed: cell(0),
    settledTo: cell(1),
    /** True once for each sleep. */
    takeSleep: () => Atomics.exchange(cells, 2, 0n) === 1n,
    sleeping: () => { Atomics.store(cells, 2, 1n) }
  }
}
