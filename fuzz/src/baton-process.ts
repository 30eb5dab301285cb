import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { batonCommand } from './places.ts'

const Ready = Type.Object({ type: Type.Literal('ready'), urls: Type.Record(Type.String(), Type.String()) })

/** `baton ingress` or `baton worker`, started as an operator would. */
export class BatonProcess {
  readonly log: string
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #url = ''

  private constructor (app: string, folder: string, env: Record<string, string>) {
    this.log = `${folder}/${app}.log`
    const log = openSync(this.log, 'a')
    this.#child = spawn(process.execPath, [batonCommand, app], { cwd: folder, env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', log, log, 'ipc'] })
    closeSync(log)
    this.#exited = once(this.#child, 'exit')
  }

  /** Resolves once it is ready. It ends with us at the latest: it listens to our channel. */
  static async start (app: 'ingress' | 'worker', folder: string, env: Record<string, string>): Promise<BatonProcess> {
    const started = new BatonProcess(app, folder, env)
    const [message] = await Promise.race([once(started.#child, 'message'), started.#exited.then(() => { throw new Error(`baton ${app} did not start: ${readFileSync(started.log, 'utf8').slice(-1_000)}`) })])
    const [url = ''] = Object.values(Value.Parse(Ready, message).urls)
    started.#url = url
    return started
  }

  get url (): string {
    return this.#url
  }

  get pid (): number | undefined {
    return this.#child.pid
  }

  /** How it ended; undefined while it runs. */
  get ending (): string | undefined {
    return this.#child.signalCode ?? (this.#child.exitCode === null ? undefined : `code ${this.#child.exitCode}`)
  }

  /** As an orchestrator would; answers how it ended. */
  async stop (): Promise<string> {
    if (this.ending === undefined) {
      this.#child.kill('SIGTERM')
      await this.#exited
    }
    return this.ending ?? ''
  }

  async kill (): Promise<void> {
    if (this.ending !== undefined) return
    this.#child.kill('SIGKILL')
    await this.#exited
  }
}
