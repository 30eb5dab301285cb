import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { batonCommand } from './places.ts'
import { StartedProcess } from './started-process.ts'

export interface BatonProcessOptions {
  app: 'ingress' | 'worker'
  /** Where it runs, with its relay file; its log is written here. */
  folder: string
  name: string
  env: Record<string, string>
}

/** `baton ingress` or `baton worker`, started as an operator would, and as often as needed. */
export class BatonProcess {
  readonly #options: BatonProcessOptions
  #process: StartedProcess | undefined

  constructor (options: BatonProcessOptions) {
    this.#options = options
  }

  get #log (): string {
    return join(this.#options.folder, `${this.#options.name}.log`)
  }

  /** With the same settings as the last time. Resolves once it is ready. */
  async start (): Promise<void> {
    const { app, folder, env } = this.#options
    const log = openSync(this.#log, 'a')
    const child = spawn(process.execPath, [batonCommand, app], { cwd: folder, env: { PATH: process.env['PATH'], LOG_LEVEL: 'info', ...env }, stdio: ['ignore', log, log, 'ipc'] })
    closeSync(log)
    this.#process = new StartedProcess(child)
    try {
      await this.#process.ready()
    } catch (cause) {
      throw new Error(`baton ${app} did not start: ${readFileSync(this.#log, 'utf8').slice(-1_000)}`, { cause })
    }
  }

  /** kill -9. */
  async kill (): Promise<void> {
    await this.#process?.end('SIGKILL')
  }

  /** As an orchestrator would; answers how it ended. */
  async stop (): Promise<string> {
    return await this.#process?.end('SIGTERM') ?? 'never started'
  }
}
