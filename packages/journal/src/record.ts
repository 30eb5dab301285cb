import { isEventDecision, type Event, type EventDecision } from '@baton/contracts'

/*
 * A record, numbers in little endian:
 *
 *    0  float64  receivedAt
 *    8  float64  eventTime; NaN where there is none
 *   16  float64  appId
 *   24  u32      bytes of the texts
 *   28  u32 × 4  lengths of id, command, query and orderingKey in UTF-16
 *   44           the texts in UTF-8, one after the other: these four, and the decision in JSON, empty where there is none; then the body to the end, as it came
 */
const fixedBytes = 44

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
    if (event.decision !== undefined) this.texts += JSON.stringify(event.decision)
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
  memory.writeUInt32LE(event.orderingKey.length, at + 40)
  const body = at + fixedBytes + textBytes
  memory.write(texts, at + fixedBytes, textBytes === texts.length ? 'latin1' : 'utf8') // of ASCII, latin1 is a mere copy
  memory.set(event.body, body)
  return body + event.body.length
}

export const receivedAtIn = (record: Buffer): number => record.readDoubleLE(0)

/** The body shares the record's memory. Throws a RangeError for what is no record. `hasDecisions`: in the layout above; before it, the last length and the decision were missing. */
export function readRecord (record: Buffer, hasDecisions: boolean): Event {
  const eventTime = record.readDoubleLE(8)
  const textStart = hasDecisions ? fixedBytes : fixedBytes - 4
  const textEnd = textStart + record.readUInt32LE(24)
  const command = record.readUInt32LE(28)
  const query = command + record.readUInt32LE(32)
  const orderingKey = query + record.readUInt32LE(36)
  if (textEnd > record.length) throw new RangeError('its texts end after it')
  const texts = record.toString('utf8', textStart, textEnd)
  const decision = hasDecisions ? orderingKey + record.readUInt32LE(40) : texts.length
  if (Math.max(orderingKey, decision) > texts.length) throw new RangeError('a text ends after the others')
  return {
    id: texts.slice(0, command),
    appId: record.readDoubleLE(16),
    command: texts.slice(command, query),
    query: texts.slice(query, orderingKey),
    receivedAt: receivedAtIn(record),
    eventTime: Number.isNaN(eventTime) ? null : eventTime,
    orderingKey: texts.slice(orderingKey, decision),
    body: record.subarray(textEnd),
    ...(decision < texts.length && { decision: decisionIn(texts.slice(decision)) })
  }
}

function decisionIn (text: string): EventDecision {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    // what is no JSON is no decision either
  }
  if (!isEventDecision(found)) throw new RangeError('its decision is none')
  return found
}
