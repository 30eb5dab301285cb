import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPrivateRedis } from './private-redis.ts'
import { startServer, type Server } from './start-server.ts'

/** A place for the processes of one contender in one round: a folder, and all that runs in it. */
export interface Site {
  folder: string
  run: (script: string, args: readonly string[], env: Record<string, string>) => Promise<Server>
  /** Starts a Redis and answers its URL. */
  redis: () => Promise<string>
  /** Stops everything, the latest first, and removes the folder. */
  close: () => Promise<void>
}

export async function openSite (): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-bench-'))
  const running: Array<{ stop: () => Promise<void> }> = []
  return {
    folder,
    run: async (script, args, env) => {
      const server = await startServer(script, args, { cwd: folder, env })
      running.push(server)
      return server
    },
    redis: async () => {
      const place = join(folder, 'redis')
      await mkdir(place)
      const redis = await startPrivateRedis(place)
      running.push(redis)
      return redis.url
    },
    close: async () => {
      for (const { stop } of running.splice(0).reverse()) await stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    }
  }
}
