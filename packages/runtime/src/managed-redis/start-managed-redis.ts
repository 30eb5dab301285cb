import { randomBytes } from 'node:crypto'
import { findExecutable } from '../find-executable.ts'
import { installServer } from '../install-server.ts'
import { dockerAnswers, dockerRedis } from './docker-redis.ts'
import { freePort } from './free-port.ts'
import { managedRedis, type ManagedRedis } from './managed-redis.ts'
import { meetRedis } from './meet-redis.ts'
import { openRedisFolder, readRedisInstance, type RedisInstance } from './redis-instance.ts'
import { redisNotFound } from './redis-not-found.ts'
import { redisServers } from './redis-servers.ts'
import { spawnRedis } from './spawn-redis.ts'

export interface ManagedRedisOptions {
  dataDir: string
  /** Never install anything. */
  noInstall: boolean
  /** Told in a line what takes long or changes the machine, before it happens. */
  announce: (line: string) => void
}

/**
 * The Redis of a data dir: the one that runs already, else redis-server or valkey-server, else docker, else one is installed first.
 * Throws REDIS_NOT_FOUND where none can be had. The caller holds the lock of the data dir.
 */
export async function startManagedRedis ({ dataDir, noInstall, announce }: ManagedRedisOptions): Promise<ManagedRedis> {
  const folder = openRedisFolder(dataDir)
  const recorded = readRedisInstance(folder)
  const running = recorded && await meetRedis(folder, recorded)
  if (running) return managedRedis(folder, running, true)

  const instance: RedisInstance = recorded ?? { port: await freePort(), password: randomBytes(32).toString('hex'), host: 'process' }
  const docker = findExecutable(['docker'])
  const withDocker = async (): Promise<ManagedRedis | undefined> => docker !== undefined && await dockerAnswers(docker)
    ? managedRedis(folder, await dockerRedis(docker, folder, instance, announce), false)
    : undefined
  const withServer = async (): Promise<ManagedRedis | undefined> => {
    const executable = findExecutable(redisServers.executables)
    return executable === undefined ? undefined : managedRedis(folder, await spawnRedis(executable, folder, instance), false)
  }
  // Where docker holds the data already, docker comes first.
  const found = recorded?.host === 'docker' ? await withDocker() ?? await withServer() : await withServer() ?? await withDocker()
  if (found) return found

  const obstacle = noInstall ? 'installing (BATON_NO_INSTALL=1)' : await installServer(redisServers, announce)
  const installed = obstacle === undefined ? await withServer() : undefined
  if (installed) return installed
  throw redisNotFound([
    'REDIS_URL (not set)',
    'redis-server, valkey-server (not on PATH)',
    `docker (${docker === undefined ? 'not on PATH' : 'daemon not running'})`,
    obstacle ?? 'the package just installed (it brought no redis-server onto PATH)'
  ])
}
