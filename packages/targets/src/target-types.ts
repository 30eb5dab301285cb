import { kafka } from './kafka/kafka.ts'
import { memory } from './memory/memory.ts'
import { module } from './module/module.ts'
import { mysql } from './mysql/mysql.ts'
import { nats } from './nats/nats.ts'
import { postgres } from './postgres/postgres.ts'
import { rabbitmq } from './rabbitmq/rabbitmq.ts'
import type { TargetType } from './target.ts'
import { webhook } from './webhook/webhook.ts'

/** Every type of target, as `type` in the relay file names it. One folder each; a test compares the two. */
export const targetTypes: readonly TargetType[] = [kafka, memory, module, mysql, nats, postgres, rabbitmq, webhook]
