import type { Producer } from '@platformatic/kafka'
import { delivered, type Outcome } from '../outcome.ts'
import { batchesOf } from './batches-of.ts'
import type { Message } from './message-of-event.ts'
import type { Lent } from './producers.ts'
import { troubleOfError, troubleOfName, unknownTopic } from './trouble-of-error.ts'

type Note = (messages: readonly Message[], outcome: Outcome) => void

/**
 * Sends messages in batches of at most so many bytes, those of each partition in their order, and notes what becomes of each: trouble with one topic or partition is none of the others'.
 * Answers whether the producer may go on.
 */
export async function send (lent: Lent, messages: readonly Message[], most: number, note: Note): Promise<boolean> {
  const usable = await Promise.all(Array.from(grouped(messages, ({ topic }) => topic), async ([topic, messages]) => {
    const partitions = await partitionsOf(lent.producer, topic)
    if (typeof partitions !== 'number') {
      note(messages, partitions)
      return partitions === unknownTopicOutcome // nothing was sent, and nothing is wrong with the connection
    }
    // As the clients of Apache do it, so that other producers of the topic put a key where we do.
    const inPartitions = grouped(messages, ({ key }) => (lent.hash(key) & 0x7F_FF_FF_FF) % partitions)
    const each = await Promise.all(Array.from(inPartitions, async ([partition, messages]) => await sendInTurn(lent.producer, { topic, partition }, batchesOf(messages, most), note)))
    return each.every(Boolean)
  }))
  return usable.every(Boolean)
}

const unknownTopicOutcome = troubleOfName(unknownTopic).outcome

/** How many partitions a topic has, or what is in the way. `anew`: asks, whatever is remembered. */
export async function partitionsOf (producer: Producer, topic: string, { anew = false } = {}): Promise<number | Outcome> {
  try {
    const { topics } = await producer.metadata({ topics: [topic], forceUpdate: anew })
    return topics.get(topic)?.partitionsCount ?? unknownTopicOutcome
  } catch (error) {
    // The client's word for a topic that is not there; no other mistake can be made in asking for one.
    const isUnknown = error instanceof Error && 'code' in error && error.code === 'PLT_KFK_USER'
    return isUnknown ? unknownTopicOutcome : troubleOfError(error).outcome
  }
}

/** Batch after batch: the client numbers a batch when it is handed over, and counts on when it is through. What is refused is cut in half until it is known which event is meant. */
async function sendInTurn (producer: Producer, place: Place, batches: Message[][], note: Note): Promise<boolean> {
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
    const outcome = await sendBatch(producer, place, batch)
    if (outcome.kind === 'reject' && batch.length > 1) {
      batches.unshift(batch.slice(0, batch.length / 2), batch.slice(batch.length / 2))
    } else if (outcome.kind === 'retry') {
      note([batch, ...batches].flat(), outcome) // the next ones would overtake it
      return false
    } else {
      note(batch, outcome)
    }
  }
  return true
}

interface Place { topic: string, partition: number }

async function sendBatch (producer: Producer, { topic, partition }: Place, batch: readonly Message[]): Promise<Outcome> {
  try {
    const { topics, brokers } = await producer.metadata({ topics: [topic] })
    const leader = topics.get(topic)?.partitions[partition]?.leader
    // What is remembered of one topic may name a broker that has been forgotten with another; the client would throw where nobody catches it.
    if (leader === undefined || !brokers.has(leader)) {
      producer.clearMetadata()
      return troubleOfName('LEADER_NOT_AVAILABLE').outcome
    }
    await producer.send({ messages: batch.map(({ record }) => ({ ...record, topic, partition })) })
    return delivered
  } catch (error) {
    return troubleOfError(error).outcome
  }
}

function grouped<T, K> (items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
