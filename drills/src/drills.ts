import { breakWebhook } from './break-webhook.ts'
import type { Drill } from './drill.ts'
import { fillDisk } from './fill-disk.ts'
import { fillJournal } from './fill-journal.ts'
import { fillRedis } from './fill-redis.ts'
import { flushBacklog } from './flush-backlog.ts'
import { flushRedis } from './flush-redis.ts'
import { flushScripts } from './flush-scripts.ts'
import { killIngress } from './kill-ingress.ts'
import { killWorker } from './kill-worker.ts'
import { million } from './million.ts'
import { poison } from './poison.ts'
import { promoteReplica } from './promote-replica.ts'
import { redisAway } from './redis-away.ts'
import { redisFromBackup } from './redis-from-backup.ts'
import { redisLosesTail } from './redis-loses-tail.ts'
import { rewind } from './rewind.ts'
import { rollBalanced } from './roll-balanced.ts'
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
  stopWorker,
  flushRedis,
  flushBacklog,
  redisFromBackup,
  promoteReplica,
  fillRedis,
  fillJournal,
  fillDisk,
  stranded,
  breakWebhook,
  poison,
  flushScripts,
  rewind,
  rollBalanced,
  rollIngress,
  sameTopic
]

/** Those that take too long to be run unless they are asked for. */
export const soaks: readonly Drill[] = [million]
