import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectRedis, quarantinePage, type QuarantineEntry, type QuarantineName } from '@baton/queue'
import { openJournalReader } from '@baton/journal'
import { createLogger } from '@baton/runtime'
import { redisServer } from '@baton/testing'
import type { Event } from '@baton/contracts'
import { guardedApp, openApp, signedApp } from './apps.ts'
import { BatonProcess } from './baton-process.ts'
import type { Recorder } from './recorder.ts'

/** Entries of a quarantine that are fetched at once: up to 1 MiB each. */
const page = 100

/** A relay in a folder of its own: Redis, an ingress and a worker, each a process, and a webhook as its only target. */
export class Relay {
  readonly folder: string
  readonly recorder: Recorder
  readonly #ends: Array<() => Promise<void>> = []
  readonly #latest = new Map<QuarantineName, string>()
  #redisUrl = ''
  #ingress: BatonProcess | undefined
  #worker: BatonProcess | undefined

  private constructor (recorder: Recorder) {
    this.folder = mkdtempSync(join(tmpdir(), 'baton-fuzz-'))
    this.recorder = recorder
  }

  static async start (recorder: Recorder): Promise<Relay> {
    const relay = new Relay(recorder)
    try {
      await relay.#start()
      return relay
    } catch (error) {
      await relay.close({ keep: false })
      throw error
    }
  }

  async #start (): Promise<void> {
    const redis = await redisServer({ teardown: end => { this.#ends.push(end) } })
    this.#redisUrl = redis.url
    const url = await this.recorder.listen()
    this.#ends.push(async () => { await this.recorder.close() })
    writeFileSync(join(this.folder, 'baton.yaml'), JSON.stringify({ apps: [openApp, guardedApp, signedApp], targets: { recorder: { type: 'webhook', url, commands: ['*'], concurrency: 50 } } }))
    const env = { REDIS_URL: redis.url, PORT: '0', WORKER_PORT: '0' }
    const begin = async (app: 'ingress' | 'worker') => {
      const data = join(this.folder, `data-${app}`)
      mkdirSync(data)
      const started = await BatonProcess.start(app, this.folder, { ...env, BATON_DATA_DIR: data })
      this.#ends.unshift(async () => { await started.kill() })
      return started
    }
    [this.#ingress, this.#worker] = await Promise.all([begin('ingress'), begin('worker')])
  }

  get ingress (): BatonProcess {
    if (this.#ingress === undefined) throw new Error('the ingress was never started')
    return this.#ingress
  }

  /** What is not as it should be with the processes, in words. */
  async complaints (): Promise<string[]> {
    const dead = [['ingress', this.#ingress], ['worker', this.#worker]] as const
    const complaints = dead.flatMap(([name, process]) => process?.ending === undefined ? [] : [`the ${name} died: ${process.ending}; see ${process.log}`])
    if (complaints.length > 0) return complaints
    const { status } = await fetch(new URL('/readyz', this.ingress.url))
    return status === 200 ? [] : [`/readyz of the ingress answers ${status}`]
  }

  /** Every series of the ingress, with its value. */
  async metrics (): Promise<Map<string, number>> {
    const text = await (await fetch(new URL('/metrics', this.ingress.url))).text()
    return new Map([...text.matchAll(/^([^#\s]\S*) (\S+)$/gm)].map(([, series = '', value]) => [series, Number(value)]))
  }

  /** MiB of the ingress's memory that are no file's; undefined where the system does not tell. */
  memory (): number | undefined {
    try {
      return Math.round(Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.ingress.pid ?? 0}/status`, 'utf8'))?.[1]) / 1_024)
    } catch {
      return undefined
    }
  }

  /** What came into the quarantines since this was asked for the last time. */
  async * quarantined (): AsyncGenerator<QuarantineEntry> {
    const redis = connectRedis(this.#redisUrl, 'operator', createLogger('fuzz', 'silent'))
    try {
      for (const name of ['quarantine', 'quarantine-unsigned'] as const) {
        const seen = this.#latest.get(name)
        let [first, before]: Array<string | undefined> = []
        for (let more = true; more;) {
          const { entries } = await quarantinePage(redis, name, { before, limit: page })
          const known = entries.findIndex(({ id }) => id === seen)
          yield * known < 0 ? entries : entries.slice(0, known)
          first ??= entries[0]?.id
          before = entries.at(-1)?.id
          more = known < 0 && entries.length === page
        }
        if (first !== undefined) this.#latest.set(name, first)
      }
    } finally {
      redis.disconnect()
    }
  }

  /** What the journal of the stopped ingress holds. */
  async * journalled (): AsyncGenerator<Event> {
    const journal = openJournalReader(join(this.folder, 'data-ingress', 'journal'))
    try {
      const { flushed } = journal.bounds()
      for (let after = 0; after < flushed;) {
        for (const { seq, event } of journal.read(after, flushed, { count: 1_000, bytes: 16_777_216 })) {
          yield event
          after = seq
        }
      }
    } finally {
      await journal.close()
    }
  }

  /** Ends everything. @param keep leaves the folder, to look into what went wrong */
  async close ({ keep }: { keep: boolean }): Promise<void> {
    for (const end of this.#ends) await end()
    if (!keep) rmSync(this.folder, { recursive: true, force: true })
  }
}
