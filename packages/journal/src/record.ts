import type { Event } from '@baton/contracts'
import { JournalError, messageOf } from './journal-error.ts'

/*
 * A record, numbers in little endian:
 *
 *    0  u8       version of the layout
 *    1  float64  end: bytes of all records of this journal up to and with this one } these three stay where they are
 *    9  float64  receivedAt                                                        } in every version
 *   17  float64  eventTime; NaN where there is none
 *   25  float64  appId
 *   33  u32 × 4  bytes of id, command, query and orderingKey
 *   49           id, command, query and orderingKey in UTF-8, then the body to the end, as it came
 */
const version = 1
const fixedBytes = 49

/** The event as one buffer. Its end is not known before it gets its number: see `placeRecord`. */
export function encodeRecord (event: Event): Buffer {
  const texts = [event.id, event.command, event.query, event.orderingKey]
  const lengths = texts.map(text => Buffer.byteLength(text))
  const record = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, fixedBytes + event.body.length))
  record.writeUInt8(version, 0)
  record.writeDoubleLE(0, 1)
  record.writeDoubleLE(event.receivedAt, 9)
  record.writeDoubleLE(event.eventTime ?? NaN, 17)
  record.writeDoubleLE(event.appId, 25)
  lengths.forEach((length, at) => record.writeUInt32LE(length, 33 + 4 * at))
  let at = fixedBytes
  for (const text of texts) at += record.write(text, at)
  event.body.copy(record, at)
  return record
}

export function placeRecord (record: Buffer, end: number): void {
  record.writeDoubleLE(end, 1)
}

export const endOf = (record: Buffer): number => record.readDoubleLE(1)
export const receivedAtOf = (record: Buffer): number => record.readDoubleLE(9)

/** The body shares the record's memory, so the record must be a copy of its own, not a view into the map. */
export function decodeRecord (record: Buffer, seq: number): Event {
  if (record[0] !== version) {
    throw new JournalError('JOURNAL_UNREADABLE', `Record ${seq} of the journal has version ${record[0]}, and this Baton reads version ${version}. Run the version of Baton that wrote it, or a later one.`, { seq })
  }
  try {
    const eventTime = record.readDoubleLE(17)
    let at = fixedBytes
    const next = (field: number): string => {
      const end = at + record.readUInt32LE(33 + 4 * field)
      if (end > record.length) throw new RangeError(`field ${field} ends after the record`)
      const text = record.toString('utf8', at, end)
      at = end
      return text
    }
    const [id, command, query, orderingKey] = [next(0), next(1), next(2), next(3)]
    return {
      id,
      appId: record.readDoubleLE(25),
      command,
      query,
      receivedAt: receivedAtOf(record),
      eventTime: Number.isNaN(eventTime) ? null : eventTime,
      orderingKey,
      body: record.subarray(at)
    }
  } catch (error) {
    throw new JournalError('JOURNAL_UNREADABLE', `Record ${seq} of the journal is damaged: ${messageOf(error)}. Read on after it, and check the disk.`, { cause: error, seq })
  }
}
