import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '@baton/testing'
import { BatonProcess } from './baton-process.ts'
import { appId } from './callback.ts'
import { Ledger, type Fault } from './ledger.ts'
import { builtFile } from './places.ts'
import { PrivateRedis } from './private-redis.ts'
import type { RecorderOptions } from './recorder-options.ts'
import type { SenderOptions } from './sender-options.ts'
import { StartedProcess } from './started-process.ts'

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
}

/** What a drill does not get done in time. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime'
}

/** ms between two looks at what the sender and the recorder have noted. */
const lookInterval = 50

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
  readonly #options: RigOptions
  readonly #recorderPort: number
  readonly #deadline: number
  readonly #relayed: BatonProcess[] = []
  readonly #ingresses: string[] = []
  readonly #senders: StartedProcess[] = []
  #recorder: StartedProcess | undefined

  private constructor (options: RigOptions, ports: { redis: number, recorder: number }) {
    this.#options = options
    this.wanted = options.wanted
    this.times = options.times
    this.#deadline = performance.now() + options.patience
    this.#recorderPort = ports.recorder
    this.redis = new PrivateRedis(join(this.folder, 'redis'), ports.redis)
    this.ledger = new Ledger(this.#file('arrivals.log'))
  }

  static async open (options: RigOptions): Promise<Rig> {
    const rig = new Rig(options, { redis: await freePort(), recorder: await freePort() })
    rig.relay({})
    await rig.redis.start()
    return rig
  }

  #file (name: string): string {
    return join(this.folder, name)
  }

  /** Writes the relay file: one webhook, with these settings besides. */
  relay (settings: object): void {
    const retry = { firstDelay: '200ms', maxDelay: '1s' } // so that what has to be tried again is so within the time of a drill
    writeFileSync(this.#file('baton.yaml'), JSON.stringify({
      apps: [{ sdkAppId: appId }],
      targets: { crm: { type: 'webhook', url: `http://127.0.0.1:${this.#recorderPort}/`, retry, ...settings } }
    }))
  }

  async startRecorder ({ latency = 0 }: { latency?: number } = {}): Promise<void> {
    const options: RecorderOptions = { port: this.#recorderPort, log: this.#file('arrivals.log'), latency, forget: this.#options.forget ?? null }
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
  async ingress (name = 'ingress', env: Record<string, string> = {}): Promise<BatonProcess & { url: string }> {
    const port = await freePort()
    mkdirSync(this.#file(`data-${name}`))
    const ingress = new BatonProcess({ app: 'ingress', folder: this.folder, name, env: { REDIS_URL: this.redis.url, PORT: String(port), BATON_DATA_DIR: this.#file(`data-${name}`), ...env } })
    await this.#begin(ingress)
    const url = `http://127.0.0.1:${port}/`
    this.#ingresses.push(url)
    return Object.assign(ingress, { url })
  }

  async worker (name = 'worker', env: Record<string, string> = {}): Promise<BatonProcess> {
    const worker = new BatonProcess({ app: 'worker', folder: this.folder, name, env: { REDIS_URL: this.redis.url, WORKER_PORT: '0', BATON_DATA_DIR: this.#file('data-worker'), ...env } })
    await this.#begin(worker)
    return worker
  }

  async #begin (relayed: BatonProcess): Promise<void> {
    this.#relayed.push(relayed)
    await relayed.start()
  }

  /** Starts to send; answers how to end it. */
  async load (urls: string[], { mode = 'turns', count = null, run = `r${this.#senders.length}`, padding = 0, rate = this.#options.rate }: Partial<Omit<SenderOptions, 'urls' | 'log'>> = {}): Promise<{ stop: () => Promise<void>, ended: Promise<string> }> {
    const options: SenderOptions = { urls, mode, rate, count, run, padding, log: this.#file(`callbacks-${this.#senders.length}.log`) }
    const sender = new StartedProcess(fork(builtFile('sender-main'), [JSON.stringify(options)]))
    this.#senders.push(sender)
    this.ledger.watch(options.log)
    await sender.ready()
    return {
      ended: sender.exited,
      stop: async () => {
        sender.tell('stop')
        await sender.exited
      }
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

  /** Resolves once everything acknowledged has arrived, and for a second nothing more. Whatever is missing then, the ledger tells. */
  async drained (): Promise<void> {
    const { grace = Infinity } = this.#options
    try {
      await this.until(() => this.ledger.update().missing.length === 0 && Date.now() - this.ledger.lastArrival > 1_000, () => '', performance.now() + grace)
    } catch (error) {
      if (!(error instanceof OutOfTime)) throw error
    }
  }

  /** How many events the journals take for unsettled although it has had time to change; undefined where there was not enough time to tell. */
  async unsettled (): Promise<number | undefined> {
    const patience = performance.now() + unsettledPatience
    for (;;) {
      const counts = await Promise.all(this.#ingresses.map(async url => {
        const metrics = await (await fetch(`${url}metrics`)).text()
        return Number(/^baton_journal_unsettled_events (\d+)/m.exec(metrics)?.[1])
      }))
      const left = counts.reduce((sum, count) => sum + count, 0)
      if (left === 0 || performance.now() > patience) return left
      if (performance.now() > this.#deadline) return undefined
      await pause(lookInterval)
    }
  }

  async until (holds: () => boolean, otherwise: () => string, deadline = Infinity): Promise<void> {
    while (!holds()) {
      if (performance.now() > Math.min(deadline, this.#deadline)) throw new OutOfTime(`out of time: ${otherwise()}`)
      await pause(lookInterval)
    }
  }

  /** Ends everything. @param keep leaves the folder, to look into what went wrong */
  async close ({ keep }: { keep: boolean }): Promise<void> {
    await Promise.all([...this.#senders.map(async sender => await sender.end('SIGKILL')), ...this.#relayed.map(async relayed => { await relayed.kill() })])
    await this.killRecorder()
    await this.redis.kill()
    if (!keep) rmSync(this.folder, { recursive: true, force: true })
  }
}
