import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'
import { freePort } from './free-port.ts'

export interface RedisServer {
  readonly url: string
  /** Kills it at once; what it held is gone. */
  stop: () => Promise<void>
  /** Starts it again on the same port, empty. */
  start: () => Promise<void>
}

/** A Redis of the test's own: on a free port, in memory, gone with the test. */
export async function redisServer (t: Pick<Test, 'teardown'>, ...options: string[]): Promise<RedisServer> {
  const port = await freePort()
  let child: ChildProcess | undefined

  const start = async () => {
    for (const program of ['redis-server', 'valkey-server']) {
      child = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction', ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
      if (await untilListening(child)) return
    }
    throw new Error('the tests need redis-server or valkey-server on PATH; install one (apt-get install redis-server, brew install redis)')
  }
  const stop = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  t.teardown(stop)
  await start()
  return { url: `redis://127.0.0.1:${port}`, stop, start }
}

/** False where the program does not exist; throws where it does not come up. */
async function untilListening (child: ChildProcess): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    let output = ''
    child.once('error', () => resolve(false))
    child.once('exit', code => reject(new Error(`redis-server ended with code ${code}: ${output}`)))
    child.stdout?.on('data', (chunk: Buffer) => {
      output += String(chunk)
      if (output.includes('Ready to accept connections')) resolve(true)
    })
  })
}
