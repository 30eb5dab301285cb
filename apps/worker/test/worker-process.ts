import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { Forwarder, Queues, connectRedis, untilReady } from '@baton/queue'
import { createLogger } from '@baton/runtime'
import { arrayJournal, redisServer } from '@baton/testing'

/** A Redis of the test's own, and the queues in it. */
export async function redis (t: Test, ...options: string[]) {
  const server = await redisServer(t, ...options)
  const redis = connectRedis(server.url, 'consumer', createLogger('test', 'silent'))
  const queues = new Queues(redis)
  t.teardown(async () => {
    redis.disconnect()
    await queues.close()
  })
  await untilReady(redis, server.url, 5_000)
  const processId = Number(/^process_id:(\d+)/m.exec(await redis.info('server'))?.[1])
  return {
    ...server,
    redis,
    queues,
    /** Says nothing any more, and keeps its connections. */
    hang: () => process.kill(processId, 'SIGSTOP'),
    /** Brings events into intake, as an ingress's forwarder does. */
    intake: async (...events: Parameters<typeof arrayJournal>) => {
      const forwarder = new Forwarder(queues, arrayJournal(...events))
      while ((await forwarder.step()).kind !== 'idle');
    }
  }
}

/** A worker in a process of its own. */
export async function worker (t: Test, REDIS_URL: string, target: string, env: Record<string, string> = {}) {
  mkdirSync(t.testdirName, { recursive: true }) // there, modules are found; and a test may have several workers
  const folder = mkdtempSync(join(t.testdirName, 'worker-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  writeFileSync(join(folder, 'main.mjs'), "import { runProcess } from '@baton/runtime'; import { startWorker } from '@baton/worker'; await runProcess('worker', startWorker)")
  writeFileSync(join(folder, 'baton.yaml'), `apps: [{ sdkAppId: 1400000000 }]\ntargets: { crm: { ${target} } }\n`)
  const child = spawn(process.execPath, ['main.mjs'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], WORKER_PORT: '0', LOG_LEVEL: 'silent', REDIS_URL, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  t.teardown(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit').then(([code, signal]) => signal ?? code)
  const [message] = await once(child, 'message')
  const get = async (path: string) => {
    const response = await fetch(`${message.urls.worker}${path}`)
    return { status: response.status, text: await response.text() }
  }
  const terminate = () => child.kill('SIGTERM')
  return {
    get,
    terminate,
    kill: () => child.kill('SIGKILL'),
    /** Asks it to stop, and resolves once it says that it will; for one that takes its time, as it has something in hand. */
    ask: async () => {
      terminate()
      while ((await get('/readyz')).text !== 'this worker is stopping\n');
    },
    exited
  }
}
