import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { RedisInstance } from './redis-instance.ts'

/** How much of the machine's memory Redis may use; well below it the forwarder leaves events in the journal. */
const shareOfMemory = 0.25

/** The configuration of a Redis that keeps a queue: nothing is evicted, and every write is on disk within a second. */
export const redisConf = (folder: string, { port, password }: RedisInstance): string => `# Written by Baton at every start.
bind 127.0.0.1
port ${port}
requirepass ${password}
daemonize no
dir ${quoted(folder)}
logfile ${quoted(join(folder, 'redis.log'))}
appendonly yes
appendfsync everysec
save ""
maxmemory ${Math.floor(totalmem() * shareOfMemory)}
maxmemory-policy noeviction
`

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
