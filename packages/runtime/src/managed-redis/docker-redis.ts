import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { BatonError } from '../baton-error.ts'
import { childEnvironment } from '../environment.ts'
import { freePort } from './free-port.ts'
import { meetRedis, type MetRedis } from './meet-redis.ts'
import { writeRedisInstance, type RedisInstance } from './redis-instance.ts'

const run = promisify(execFile)
const image = 'redis:7.2-alpine'
/** ms between the container's start and its first answer. */
const startDeadline = 60_000

/** Whether there is a docker whose daemon answers. */
export const dockerAnswers = (docker: string): Promise<boolean> =>
  run(docker, ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 }).then(() => true, () => false)

/** A Redis in a container; its data is in a docker volume, since the container's user is not ours. */
export async function dockerRedis (docker: string, folder: string, wished: RedisInstance, announce: (line: string) => void): Promise<MetRedis> {
  const instance: RedisInstance = { ...wished, port: await freePort(wished.port), host: 'docker' }
  writeRedisInstance(folder, instance)
  const name = containerOf(folder)
  announce(`No redis-server on this machine; running ${image} with docker as ${name} ...`)
  try {
    await run(docker, [
      'run', '--detach', '--rm', '--name', name, '--user', 'redis',
      '--publish', `127.0.0.1:${instance.port}:6379`, '--volume', `${name}:/data`,
      '--env', 'BATON_REDIS_PASSWORD', image,
      // The password comes on standard input, so that no list of processes shows it.
      'sh', '-c', 'printf "requirepass %s\\n" "$BATON_REDIS_PASSWORD" | exec redis-server - --dir /data --appendonly yes --appendfsync everysec --save "" --maxmemory-policy noeviction'
    ], { env: childEnvironment({ BATON_REDIS_PASSWORD: instance.password }) })
  } catch (error) {
    throw new BatonError('REDIS_UNUSABLE', `docker could not run ${image}. Mend what it says below, or name another Redis in REDIS_URL.\n${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  for (const started = Date.now(); Date.now() - started < startDeadline;) {
    const met = await meetRedis(folder, instance)
    if (met !== undefined) return met
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new BatonError('REDIS_UNUSABLE', `The container ${name} does not answer on port ${instance.port}. See \`docker logs ${name}\`, or name another Redis in REDIS_URL.`)
}

/** Does not wait: the daemon ends the container. */
export function stopContainer (folder: string): void {
  spawn('docker', ['stop', containerOf(folder)], { detached: true, stdio: 'ignore' }).on('error', () => {}).unref()
}

const containerOf = (folder: string): string => `baton-redis-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`
