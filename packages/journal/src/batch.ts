import type { Event } from '@baton/contracts'
import { readRecord, receivedAtIn, writeRecord, type Measured } from './record.ts'

/*
 * A batch: consecutive records, stored as one value under the number of the first. Numbers in little endian:
 *
 *    0  u8       version of the layout, records included
 *    4  u32      how many records
 *    8  float64  bytes of all records of this journal before the first one
 *   16  u32 × n  where each record ends, in bytes from where the first one begins
 *   ..           the records
 */
/** 1 had no decisions: its records are read all the same. */
const version = 2
const fixedBytes = 16
const indexBytes = 4

/** Bytes that one record more takes in a batch besides its own. */
export const bytesPerRecord = indexBytes
/** Bytes of a batch besides those of its records. */
export const bytesPerBatch = fixedBytes

/** @param before bytes of all records of this journal before these */
export function encodeBatch (before: number, records: readonly Measured[]): Buffer {
  const start = fixedBytes + indexBytes * records.length
  const batch = Buffer.allocUnsafe(records.reduce((sum, { bytes }) => sum + bytes, start))
  batch.fill(0, 0, fixedBytes)
  batch.writeUInt8(version, 0)
  batch.writeUInt32LE(records.length, 4)
  batch.writeDoubleLE(before, 8)
  let end = start
  let entry = fixedBytes
  for (const record of records) {
    end = writeRecord(batch, end, record)
    batch.writeUInt32LE(end - start, entry)
    entry += indexBytes
  }
  return batch
}

/** A batch as it was read. What it gives shares its memory, so that must be a copy of its own, not a view into the map. */
export class Batch {
  readonly first: number
  readonly last: number
  /** Bytes of all records of this journal before the first one. */
  readonly before: number
  readonly #bytes: Buffer
  readonly #start: number
  readonly #hasDecisions: boolean

  /** Throws a RangeError for what is no batch. */
  constructor (first: number, bytes: Buffer) {
    this.#hasDecisions = bytes[0] === version
    if (!this.#hasDecisions && bytes[0] !== 1) throw new RangeError(`it has version ${bytes[0]}, and this Baton reads versions 1 and ${version}; run the version of Baton that wrote it, or a later one`)
    const count = bytes.readUInt32LE(4)
    this.first = first
    this.last = first + count - 1
    this.before = bytes.readDoubleLE(8)
    this.#bytes = bytes
    this.#start = fixedBytes + indexBytes * count
    if (count === 0 || this.#start + this.#endWithin(this.last) !== bytes.length) throw new RangeError('its records are not as long as it says')
  }

  /** Bytes of all records of this journal up to and with this one. */
  end (seq: number): number {
    return this.before + this.#endWithin(seq)
  }

  record (seq: number): Buffer {
    return this.#bytes.subarray(this.#start + (seq === this.first ? 0 : this.#endWithin(seq - 1)), this.#start + this.#endWithin(seq))
  }

  /** Its body shares the batch's memory. Throws a RangeError for what is no record. */
  event (seq: number): Event {
    return readRecord(this.record(seq), this.#hasDecisions)
  }

  /** ms since 1970. */
  receivedAt (seq: number): number {
    return receivedAtIn(this.record(seq))
  }

  #endWithin (seq: number): number {
    return this.#bytes.readUInt32LE(fixedBytes + indexBytes * (seq - this.first))
  }
}
