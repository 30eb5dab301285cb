import type { Event } from '@baton/contracts'
import type { MessageToProduce } from '@platformatic/kafka'
import { messageHeadersOf } from '../broker/message-headers.ts'

/** An event as a record of Kafka, and how much of a batch it takes. */
export interface Message {
  topic: string
  key: Buffer
  record: Omit<MessageToProduce, 'topic'>
  /** Bytes, before compression; rather too many than too few. */
  bytes: number
}

/** Bytes of a batch without its records, and of a record without key, value and headers: lengths, times, sequence. */
export const overhead = { batch: 61, record: 36, header: 10 } as const

/** The body is the value, byte for byte; headers say what the body does not. The record's time is that of receipt: EventTime may lie years off, and brokers refuse or expire by this time. */
export function messageOf (event: Event, topic: string): Message {
  const headers = Object.entries(messageHeadersOf(event)).map(([name, value]): [Buffer, Buffer] => [Buffer.from(name), Buffer.from(value)])
  const key = Buffer.from(event.orderingKey)
  const bytes = overhead.record + key.length + event.body.length + headers.reduce((sum, [name, value]) => sum + overhead.header + name.length + value.length, 0)
  return { topic, key, bytes, record: { key, value: event.body, headers: new Map(headers), timestamp: BigInt(Math.trunc(event.receivedAt)) } }
}
