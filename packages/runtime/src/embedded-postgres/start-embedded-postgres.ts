import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BatonError } from '../baton-error.ts'
import { dataDirError } from '../data-dir-error.ts'
import type { HostMessage } from './host-message.ts'

export interface EmbeddedPostgresOptions {
  dataDir: string
  /** On 127.0.0.1; 0 takes any free one. */
  port: number
}

/** PGlite in a process of its own, behind PostgreSQL's protocol. Clients share one session: no two transactions at once. */
export interface EmbeddedPostgres {
  port: number
  url: string
  pid: number | undefined
  /** Resolves when its process is gone, whether we stopped it or not, with how it ended. */
  exited: Promise<string>
  /** Lets it write its files; resolves when it is gone. */
  stop: () => Promise<void>
  /** Tells it to end, and does not wait. */
  kill: () => void
}

/** ms that it may take to write its files; killed after that, it recovers from its log like any PostgreSQL. */
const stopDeadline = 10_000
/** ms in which the last owner of the folder, whose parent died, must be gone. */
const lockDeadline = 15_000

/** The caller holds the lock of the data dir. Throws EMBEDDED_POSTGRES_FAILED or PORT_IN_USE. */
export async function startEmbeddedPostgres (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = join(options.dataDir, 'postgres')
  try {
    mkdirSync(options.dataDir, { recursive: true })
  } catch (error) {
    throw dataDirError(options.dataDir, error)
  }
  for (const started = Date.now(); ;) {
    const { child, exited, message } = await spawnHost(options, folder)
    if (message?.type === 'ready') return embeddedPostgres(child, exited, message.port)
    await exited
    if (message?.type === 'locked' && Date.now() - started < lockDeadline) {
      await new Promise(resolve => setTimeout(resolve, 100))
      continue
    }
    if (message?.type === 'locked') throw new BatonError('DATA_DIR_IN_USE', `Another process runs the embedded PostgreSQL in ${folder}. Stop it, or name another data dir in BATON_DATA_DIR.`)
    if (message?.type === 'failed' && message.code !== 'UNEXPECTED') throw new BatonError(message.code, message.message)
    throw new BatonError('EMBEDDED_POSTGRES_FAILED', `The embedded PostgreSQL did not start (${message?.message ?? await exited}). If its files are broken, move ${folder} away; or give the target the url of a PostgreSQL of yours.`)
  }
}

async function spawnHost ({ dataDir, port }: EmbeddedPostgresOptions, folder: string) {
  // A process group of its own: Ctrl-C in a terminal reaches it through us, after the worker.
  const child = spawn(process.execPath, [hostMain, dataDir, folder, String(port)], {
    detached: true,
    stdio: ['ignore', 2, 2, 'ipc']
  })
  const exited = new Promise<string>(resolve => child
    .once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    .once('error', error => resolve(error.message)))
  const message = await Promise.race([
    new Promise<HostMessage>(resolve => child.once('message', (said: HostMessage) => resolve(said))),
    exited.then(() => undefined)
  ])
  return { child, exited, message }
}

/** Always the built one, also where this file itself is run from source. */
const hostMain = fileURLToPath(new URL('./embedded-postgres-main.js', import.meta.resolve('@baton/runtime')))

function embeddedPostgres (child: ChildProcess, exited: Promise<string>, port: number): EmbeddedPostgres {
  return {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    pid: child.pid,
    exited,
    stop: async () => {
      child.kill('SIGTERM')
      const deadline = setTimeout(() => child.kill('SIGKILL'), stopDeadline)
      await exited
      clearTimeout(deadline)
    },
    kill: () => { child.kill('SIGTERM') }
  }
}
