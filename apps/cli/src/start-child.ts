import { spawn } from 'node:child_process'
import { BatonError, closeDeadline, type ReadyMessage } from '@baton/runtime'
import type { Running } from './supervise.ts'

export interface ChildOptions {
  /** For people. */
  name: string
  /** The script and its arguments. */
  argv: string[]
  environment: NodeJS.ProcessEnv
}

export interface RunningChild extends Running {
  urls: ReadyMessage['urls']
}

/** ms beyond a child's own deadline after which it hangs, and is killed. */
const leniency = 2_000

/**
 * Runs a script as a process that is ready when it says so over IPC; throws PROCESS_DIED when it ends before, having said why.
 * It has a process group of its own, since we stop it in its turn when Ctrl-C comes; and it ends itself when we are gone.
 */
export async function startChild ({ name, argv, environment }: ChildOptions, stopping: AbortSignal): Promise<RunningChild> {
  const child = spawn(process.execPath, ['--enable-source-maps', ...argv], {
    detached: true,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  const exited = new Promise<string>(resolve => child
    .once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    .once('error', error => resolve(error.message)))
  const killAfter = (milliseconds: number) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds)
    void exited.then(() => clearTimeout(timer))
  }
  const stop = async () => {
    child.kill('SIGTERM')
    killAfter(closeDeadline + leniency)
    await exited
  }
  const abandoned = () => killAfter(leniency) // it gave up, so it ends; what keeps it alive all the same is a mistake
  const aborted = () => { void stop() }

  child.once('disconnect', abandoned)
  stopping.addEventListener('abort', aborted)
  if (stopping.aborted) aborted()
  const urls = await Promise.race([
    new Promise<ReadyMessage['urls']>(resolve => child.on('message', (message: ReadyMessage) => { if (message.type === 'ready') resolve(message.urls) })),
    exited.then(how => { throw new BatonError('PROCESS_DIED', `The ${name} did not start (${how}); what it said about it stands above.`) })
  ])
  child.off('disconnect', abandoned)
  stopping.removeEventListener('abort', aborted)
  return { urls, exited, stop, kill: () => { child.kill('SIGKILL') } }
}
