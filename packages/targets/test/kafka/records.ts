import { randomUUID } from 'node:crypto'
import { Admin, Consumer } from '@platformatic/kafka'

const options = (broker: string) => ({ clientId: 'test', bootstrapBrokers: [broker], retries: 200, retryDelay: 100 })

/** Creates a topic, and answers its name. */
export async function freshTopic (broker: string, { name = `t-${randomUUID()}`, partitions = 3, config = {} }: { name?: string, partitions?: number, config?: Record<string, string> } = {}): Promise<string> {
  const admin = new Admin(options(broker))
  await admin.createTopics({ topics: [name], partitions, replicas: 1, configs: Object.entries(config).map(([name, value]) => ({ name, value })) })
  await admin.close()
  await writable(broker, name)
  return name
}

/** Resolves when every partition of a topic has a leader that knows that it is one. */
export async function writable (broker: string, topic: string): Promise<void> {
  const consumer = new Consumer({ ...options(broker), groupId: randomUUID() })
  await consumer.listOffsets({ topics: [topic], timestamp: -1n }) // asked again until each leader answers
  await consumer.close()
}

export interface StoredRecord {
  partition: number
  key: string
  value: Buffer
  headers: Record<string, string>
  /** ms since 1970. */
  timestamp: number
}

/** All that topics hold now, in the order of each partition. */
export async function recordsIn (broker: string, ...topics: string[]): Promise<StoredRecord[]> {
  const consumer = new Consumer({ ...options(broker), groupId: randomUUID() })
  const ends = await consumer.listOffsets({ topics, timestamp: -1n })
  let missing = [...ends.values()].flat().reduce((sum, end) => sum + Number(end), 0)
  const records: StoredRecord[] = []
  if (missing > 0) {
    const stream = await consumer.consume({ topics, mode: 'earliest' })
    for await (const { partition, key, value, headers, timestamp } of stream) {
      records.push({ partition, key: String(key), value: Buffer.from(value), headers: Object.fromEntries(Array.from(headers, ([name, text]) => [String(name), String(text)])), timestamp: Number(timestamp) })
      if (--missing === 0) break
    }
    await stream.close()
  }
  await consumer.close()
  return records
}
