import { breakWebhook } from './break-webhook.ts'
import type { Drill } from './drill.ts'
import { fillJournal } from './fill-journal.ts'
import { fillRedis } from './fill-redis.ts'
import { flushBacklog } from './flush-backlog.ts'
import { flushRedis } from './flush-redis.ts'
import { flushScripts } from './flush-scripts.ts'
import { killIngress } from './kill-ingress.ts'
import { killWorker } from './kill-worker.ts'
import { promoteReplica } from './promote-replica.ts'
import { redisAway } from './redis-away.ts'
import { redisFromBackup } from './redis-from-backup.ts'
import { redisLosesTail } from './redis-loses-tail.ts'
import { rollIngress } from './roll-ingress.ts'
import { sameTopic } from './same-topic.ts'
import { stopWorker } from './stop-worker.ts'
import { stranded } from './stranded.ts'

/** Every drill, in the order in which they are run. */
export const drills: readonly Drill[] = [
  killIngress,
  killWorker,
  redisLosesTail,
  redisAway,
  flushRedis,
  flushBacklog,
  redisFromBackup,
  stranded,
  flushScripts,
  rollIngress,
  sameTopic,
  stopWorker,
  promoteReplica,
  fillRedis,
  fillJournal,
  breakWebhook
]
