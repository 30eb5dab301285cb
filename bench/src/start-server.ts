import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Server {
  url: string
  pid: number
  /** Asks it to stop, and kills it where it takes long: what it holds is thrown away. */
  stop: () => Promise<void>
}

/** ms that a server has to come up, and to stop. */
const patience = { start: 20_000, stop: 2_000 }

/** Runs a script as a process of its own and waits until it tells where it listens. */
export async function startServer (script: string, args: readonly string[], { cwd, env }: { cwd: string, env: Record<string, string> }): Promise<Server> {
  const child = spawn(process.execPath, ['--enable-source-maps', script, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const timer = setTimeout(() => { child.kill('SIGKILL') }, patience.stop)
    await exited
    clearTimeout(timer)
  }
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(patience.start) }),
      exited.then(() => { throw new Error('it ended') })
    ])
    return { url: urlIn(message), pid: child.pid ?? 0, stop }
  } catch (error) {
    await stop()
    throw new Error(`${[script, ...args].join(' ')} did not start`, { cause: error })
  }
}

function urlIn (message: unknown): string {
  if (typeof message === 'object' && message !== null && 'urls' in message && typeof message.urls === 'object' && message.urls !== null) {
    const [url] = Object.values(message.urls)
    if (typeof url === 'string') return url
  }
  throw new Error('it does not tell where it listens')
}
