import { execFile, fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@baton/testing'
import type { Static, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { BatonProcess } from './baton-process.ts'
import { appId } from './callback.ts'
import { Ledger, type Fault } from './ledger.ts'
import { Patience } from './patience.ts'
import { batonCommand, builtFile } from './places.ts'
import { PrivateRedis } from './private-redis.ts'
import type { RecorderOptions } from './recorder-options.ts'
import type { SenderOptions } from './sender-options.ts'
import { StartedProcess } from './started-process.ts'
import type { Warehouse } from './warehouse.ts'

export interface RigOptions {
  /** Acknowledged callbacks that the drill wants. */
  wanted: number
  /** Callbacks a second. */
  rate: number
  /** How often a process is killed or stopped. */
  times: number
  /** See the recorder. */
  forget?: number
  /** ms that the drill may take, from now. */
  patience: number
  /** ms of them that may pass, at the end, until all has arrived; all that is left, if left out. */
  grace?: number
  /** A second target. */
  warehouse?: Warehouse | undefined
}

export interface Load {
  /** Sends no more; resolves once all is answered, or will not be. */
  stop: () => Promise<void>
  /** Resolves once it has ended by itself. */
  ended: Promise<string>
}

/** ms in which all must be settled: the lock of a job that nobody works on ends after 30 s, and is looked for each 5 s. */
const unsettledPatience = 40_000

/** One relay with everything around it, in a folder of its own: Redis, a sender, a recorder, and as many ingresses and workers as a drill starts. */
export class Rig {
  readonly folder = mkdtempSync(join(tmpdir(), 'baton-drill-'))
  readonly ledger: Ledger
  readonly faults: Fault[] = []
  readonly redis: PrivateRedis
  readonly wanted: number
  readonly times: number
  readonly warehouse: Warehouse | undefined
  readonly #options: RigOptions
  readonly #recorderPort: number
  readonly #patience: Patience
  readonly #relayed: BatonProcess[] = []
  readonly #ingresses: BatonProcess[] = []
  readonly #senders: StartedProcess[] = []
  readonly #endings: (() => Promise<void> | void)[] = []
  #recorder: StartedProcess | undefined

  private constructor (options: RigOptions, ports: { redis: number, recorder: number }) {
    this.#options = options
    this.wanted = options.wanted
    this.times = options.times
    this.warehouse = options.warehouse
    this.#patience = new Patience(options.patience)
    this.#recorderPort = ports.recorder
    this.redis = new PrivateRedis(join(this.folder, 'redis'), ports.redis)
    this.ledger = new Ledger(this.file('arrivals.log'))
  }

  static async open (options: RigOptions): Promise<Rig> {
    const rig = new Rig(options, { redis: await freePort(), recorder: await freePort() })
    rig.relay()
    await rig.redis.start()
    return rig
  }

  file (name: string): string {
    return join(this.folder, name)
  }

  /** Writes the relay file: the recorder as a webhook, with these settings besides, and PostgreSQL where the drill has it; or other targets. */
  relay (webhook: object = {}, targets?: object): void {
    const retry = { firstDelay: '200ms', maxDelay: '1s' } // so that what has to be tried again is so within the time of a drill
    writeFileSync(this.file('baton.yaml'), JSON.stringify({
      apps: [{ sdkAppId: appId }],
      targets: targets ?? {
        crm: { type: 'webhook', url: `http://127.0.0.1:${this.#recorderPort}/`, retry, ...webhook },
        ...(this.warehouse !== undefined && { warehouse: { type: 'postgres', url: this.warehouse.url, retry } })
      }
    }))
  }

  async startRecorder ({ latency = 0 }: { latency?: number } = {}): Promise<void> {
    const options: RecorderOptions = { port: this.#recorderPort, log: this.file('arrivals.log'), latency, forget: this.#options.forget ?? null }
    this.#recorder = new StartedProcess(fork(builtFile('recorder-main'), [JSON.stringify(options)]))
    await this.#recorder.ready()
  }

  hangRecorder (): void {
    this.#recorder?.tell('hang')
  }

  async killRecorder (): Promise<void> {
    await this.#recorder?.end('SIGKILL')
  }

  /** Starts an ingress with a data folder and a port of its own. */
  async ingress (name = 'ingress', env: Record<string, string> = {}): Promise<BatonProcess> {
    const port = await freePort()
    const ingress = await this.#begin('ingress', name, port, { PORT: String(port), ...env })
    this.#ingresses.push(ingress)
    return ingress
  }

  async worker (name = 'worker', env: Record<string, string> = {}): Promise<BatonProcess> {
    const port = await freePort()
    return await this.#begin('worker', name, port, { WORKER_PORT: String(port), ...env })
  }

  async #begin (app: 'ingress' | 'worker', name: string, port: number, env: Record<string, string>): Promise<BatonProcess> {
    const data = this.file(`data-${name}`)
    mkdirSync(data)
    const relayed = new BatonProcess({ app, folder: this.folder, name, url: `http://127.0.0.1:${port}/`, env: { REDIS_URL: this.redis.url, BATON_DATA_DIR: data, ...env } })
    this.#relayed.push(relayed)
    await relayed.start()
    return relayed
  }

  /** What an operator's verb answers. */
  async baton<T extends TSchema> (answer: T, ...verb: string[]): Promise<Static<T>> {
    const { stdout } = await promisify(execFile)(process.execPath, [batonCommand, ...verb, '--json'], { cwd: this.folder, env: { PATH: process.env['PATH'], REDIS_URL: this.redis.url } })
    return Value.Parse(answer, JSON.parse(stdout))
  }

  /** Starts to send. */
  async load (urls: string[], { mode = 'turns', count = null, run = `r${this.#senders.length}`, padding = 0, rate = this.#options.rate }: Partial<Omit<SenderOptions, 'urls' | 'log'>> = {}): Promise<Load> {
    const options: SenderOptions = { urls, mode, rate, count, run, padding, log: this.file(`callbacks-${this.#senders.length}.log`) }
    const sender = new StartedProcess(fork(builtFile('sender-main'), [JSON.stringify(options)]))
    this.#senders.push(sender)
    this.ledger.watch(options.log)
    await sender.ready()
    return {
      ended: sender.exited,
      stop: async () => { await stopSending(sender) }
    }
  }

  /** Ends whatever still sends. */
  async quiet (): Promise<void> {
    await Promise.all(this.#senders.map(stopSending))
  }

  /** Does something at the end, whatever becomes of the drill; what was asked for last, first. */
  atEnd (act: () => Promise<void> | void): void {
    this.#endings.unshift(act)
  }

  /** Does something so many times, spread evenly over the callbacks that the drill wants. */
  async spread (times: number, act: (nth: number) => Promise<void>): Promise<void> {
    for (let nth = 1; nth <= times; nth++) {
      await this.acked(this.wanted * nth / (times + 1))
      await act(nth)
    }
  }

  /** Resolves once so many callbacks are acknowledged. */
  async acked (count: number): Promise<void> {
    await this.until(() => this.ledger.update().acked >= count, () => `only ${this.ledger.acked} of ${count} callbacks were acknowledged`)
  }

  /** Resolves with the next delivery. */
  async delivering (): Promise<void> {
    const now = Date.now()
    await this.until(() => this.ledger.update().lastArrival > now, () => 'nothing is delivered')
  }

  /** Resolves once everything acknowledged has arrived, and for a second nothing more, or there is no time left. Whatever is missing then, the ledger tells. */
  async drained (): Promise<void> {
    const deadline = performance.now() + (this.#options.grace ?? Infinity)
    const arrived = await this.#patience.comesTrue(() => this.ledger.update().missing.length === 0 && Date.now() - this.ledger.lastArrival > 1_000, deadline)
    if (arrived) await this.#patience.comesTrue(async () => (await this.warehouse?.count() ?? Infinity) >= this.ledger.acked, deadline)
  }

  /** How many events the journals take for unsettled although it has had time to change; undefined where there was not enough time to tell. */
  async unsettled (): Promise<number | undefined> {
    const patience = performance.now() + unsettledPatience
    let left = 0
    const settled = await this.#patience.comesTrue(async () => {
      const counts = await Promise.all(this.#ingresses.map(async ingress => await ingress.metric('baton_journal_unsettled_events')))
      left = counts.reduce((sum, count) => sum + count, 0)
      return left === 0
    }, patience)
    return settled || performance.now() > patience ? left : undefined
  }

  async until (holds: () => boolean | Promise<boolean>, otherwise: () => string): Promise<void> {
    await this.#patience.until(holds, otherwise)
  }

  /** Ends everything. @param keep leaves the folder, to look into what went wrong */
  async close ({ keep }: { keep: boolean }): Promise<void> {
    await Promise.all([...this.#senders.map(async sender => await sender.end('SIGKILL')), ...this.#relayed.map(async relayed => { await relayed.kill() })])
    await this.killRecorder()
    await this.redis.kill()
    for (const end of this.#endings) await end()
    if (!keep) rmSync(this.folder, { recursive: true, force: true })
  }
}

async function stopSending (sender: StartedProcess): Promise<void> {
  sender.tell('stop')
  await sender.exited
}
