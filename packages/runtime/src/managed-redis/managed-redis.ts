import { stopContainer } from './docker-redis.ts'
import { meetRedis, type MetRedis } from './meet-redis.ts'
import { redisUrlOf } from './redis-instance.ts'

/** A Redis of our own, running. */
export interface ManagedRedis {
  /** With its password. */
  url: string
  port: number
  /** For people: what it is and where its data is. */
  describe: string
  /** It ran already, and was found again. */
  reused: boolean
  /** Resolves when it is gone, whether we stopped it or not. */
  exited: Promise<void>
  /** Lets it write its file to disk and end; resolves when it is gone. */
  stop: () => Promise<void>
  /** Tells it to end, and does not wait. */
  kill: () => void
}

/** ms that Redis may take to end; after that it is killed, which costs at most what came in the last instant. */
const stopDeadline = 15_000

/** Stays connected, since that is how the end of a server shows that is not our child: a reused one, or one in a container. */
export function managedRedis (folder: string, first: MetRedis, reused: boolean): ManagedRedis {
  let met: MetRedis | undefined = first
  const { instance, pid, version } = first

  const exited = (async () => {
    while (met !== undefined) {
      await met.conversation.closed
      met = await meetRedis(folder, instance).catch(() => undefined) // it may have dropped us, and live on
      if (met === undefined || met.pid === pid) continue
      met.conversation.end() // another one in its place
      met = undefined
    }
  })()

  const signal = (name: 'SIGTERM' | 'SIGKILL') => {
    if (met === undefined) return
    if (pid === undefined) return stopContainer(folder)
    try {
      process.kill(pid, name)
    } catch {} // gone between two lines
  }

  return {
    url: redisUrlOf(instance),
    port: instance.port,
    describe: `Redis ${version} on 127.0.0.1:${instance.port}, Baton's own (${reused ? 'was running' : 'started'}; ${pid === undefined ? 'in docker' : `process ${pid}, data in ${folder}`})`,
    reused,
    exited,
    stop: async () => {
      signal('SIGTERM')
      const deadline = setTimeout(() => signal('SIGKILL'), stopDeadline)
      await exited
      clearTimeout(deadline)
    },
    kill: () => signal('SIGTERM')
  }
}
