import { overhead, type Message } from './message-of-event.ts'

/** Cuts messages into batches that stay below so many bytes, in their order. One that is longer all by itself makes a batch of its own. */
export function batchesOf (messages: readonly Message[], most: number): Message[][] {
  const batches: Message[][] = []
  let bytes = Infinity
  for (const message of messages) {
    bytes += message.bytes
    if (bytes > most) {
      batches.push([])
      bytes = overhead.batch + message.bytes
    }
    batches.at(-1)?.push(message)
  }
  return batches
}
