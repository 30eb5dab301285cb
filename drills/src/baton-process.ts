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
  /** Where it listens. */
  url: string
  env: Record<string, string>
}

/** `baton ingress` or `baton worker`, started as an operator would, and as often as needed. */
export class BatonProcess {
  readonly #options: BatonProcessOptions
  #process: StartedProcess | undefined
  /** By us. */
  #ended = false

  constructor (options: BatonProcessOptions) {
    this.#options = options
  }

  get url (): string {
    return this.#options.url
  }

  get #log (): string {
    return join(this.#options.folder, `${this.#options.name}.log`)
  }

  /** With the settings that it was made with, and these besides. Resolves once it is ready. */
  async start (besides: Record<string, string> = {}): Promise<void> {
    const { app, folder, env } = this.#options
    const log = openSync(this.#log, 'a')
    const child = spawn(process.execPath, [batonCommand, app], { cwd: folder, env: { PATH: process.env['PATH'], LOG_LEVEL: 'info', ...env, ...besides }, stdio: ['ignore', log, log, 'ipc'] })
    closeSync(log)
    this.#ended = false
    this.#process = new StartedProcess(child)
    try {
      await this.#process.ready()
    } catch (cause) {
      throw new Error(`baton ${app} did not start: ${readFileSync(this.#log, 'utf8').slice(-1_000)}`, { cause })
    }
  }

  get pid (): number | undefined {
    return this.#process?.pid
  }

  /** How it ended; undefined while it runs. */
  get ending (): string | undefined {
    return this.#process?.ending
  }

  /** Starts it again whenever it dies of itself, as an orchestrator would; answers how it died so far. */
  supervise (): readonly string[] {
    const deaths: string[] = []
    const watch = async () => {
      for (;;) {
        const how = await this.#process?.exited ?? 'never started'
        if (this.#ended) return
        deaths.push(how)
        await this.start().catch(() => {}) // it died before it was ready
      }
    }
    void watch()
    return deaths
  }

  /** kill -9. */
  async kill (): Promise<void> {
    this.#ended = true
    await this.#process?.end('SIGKILL')
  }

  /** As an orchestrator would; answers how it ended. */
  async stop (): Promise<string> {
    this.#ended = true
    return await this.#process?.end('SIGTERM') ?? 'never started'
  }

  /** A number of its metrics; series of the same name are added up. */
  async metric (name: string): Promise<number> {
    const text = await (await fetch(new URL('metrics', this.url))).text()
    return text.split('\n').filter(line => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  }
}
