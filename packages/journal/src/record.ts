import type { Event } from '@baton/contracts'

/*
 * A record, numbers in little endian:
 *
 *    0  float64  receivedAt
 *    8  float64  eventTime; NaN where there is none
 *   16  float64  appId
 *   24  u32      bytes of the texts
 *   28  u32 × 3  lengths of id, command and query in UTF-16
 *   40           the texts in UTF-8, one after the other: id, command, query, orderingKey; then the body to the end, as it came
 */
const fixedBytes = 40

/** An event that gets a record: measured, so that it can be written where it belongs in one go. */
export class Measured {
  readonly event: Event
  /** Of the whole record. */
  readonly bytes: number
  readonly texts: string
  readonly textBytes: number

  constructor (event: Event) {
    this.event = event
    this.texts = event.id + event.command + event.query + event.orderingKey
    this.textBytes = Buffer.byteLength(this.texts)
    this.bytes = fixedBytes + this.textBytes + event.body.length
  }
}

/** Writes the record into memory from `at` on, and answers where it ends. */
export function writeRecord (memory: Buffer, at: number, { event, texts, textBytes }: Measured): number {
  memory.writeDoubleLE(event.receivedAt, at)
  memory.writeDoubleLE(event.eventTime ?? NaN, at + 8)
  memory.writeDoubleLE(event.appId, at + 16)
  memory.writeUInt32LE(textBytes, at + 24)
  memory.writeUInt32LE(event.id.length, at + 28)
  memory.writeUInt32LE(event.command.length, at + 32)
  memory.writeUInt32LE(event.query.length, at + 36)
  const body = at + fixedBytes + textBytes
  memory.write(texts, at + fixedBytes, textBytes === texts.length ? 'latin1' : 'utf8') // of ASCII, latin1 is a mere copy
  memory.set(event.body, body)
  return body + event.body.length
}

export const receivedAtIn = (record: Buffer): number => record.readDoubleLE(0)

/** The body shares the record's memory. Throws a RangeError for what is no record. */
export function readRecord (record: Buffer): Event {
  const eventTime = record.readDoubleLE(8)
  const textEnd = fixedBytes + record.readUInt32LE(24)
  const command = record.readUInt32LE(28)
  const query = command + record.readUInt32LE(32)
  const orderingKey = query + record.readUInt32LE(36)
  if (textEnd > record.length) throw new RangeError('its texts end after it')
  const texts = record.toString('utf8', fixedBytes, textEnd)
  if (orderingKey > texts.length) throw new RangeError('a text ends after the others')
  return {
    id: texts.slice(0, command),
    appId: record.readDoubleLE(16),
    command: texts.slice(command, query),
    query: texts.slice(query, orderingKey),
    receivedAt: receivedAtIn(record),
    eventTime: Number.isNaN(eventTime) ? null : eventTime,
    orderingKey: texts.slice(orderingKey),
    body: record.subarray(textEnd)
  }
}
