import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { StartedProcess } from './started-process.ts'

/** Found on the PATH. */
const server = 'redis-server'

/** A Redis of a drill's own: appendonly everysec, never rewritten, so that its file can be cut. */
export class PrivateRedis {
  readonly #folder: string
  readonly port: number
  #process: StartedProcess | undefined

  constructor (folder: string, port: number) {
    this.#folder = folder
    this.port = port
    mkdirSync(folder, { recursive: true })
  }

  static version (): string {
    return `Redis ${/v=([^ ]*)/.exec(execFileSync(server, ['--version'], { encoding: 'utf8' }))?.[1] ?? ''}`
  }

  get url (): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** On the same port, with what its folder holds. */
  async start (...options: string[]): Promise<void> {
    const child = spawn(server, [
      '--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '', '--maxmemory-policy', 'noeviction',
      '--appendonly', 'yes', '--appendfsync', 'everysec', '--auto-aof-rewrite-percentage', '0', ...options
    ], { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#process = new StartedProcess(child)
    await new Promise<void>((resolve, reject) => {
      let said = ''
      child.once('error', reject)
      child.once('exit', () => { reject(new Error(`redis-server ended: ${said.slice(-1_000)}`)) })
      child.stdout.on('data', (chunk: Buffer) => {
        said += String(chunk)
        if (said.includes('Ready to accept connections')) resolve()
      })
    })
  }

  /** kill -9. */
  async kill (): Promise<void> {
    await this.#process?.end('SIGKILL')
  }

  async stop (): Promise<void> {
    await this.#process?.end('SIGTERM')
  }

  /** Does something with a connection that lives no longer. */
  async use<T> (act: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.url, { maxRetriesPerRequest: 1, lazyConnect: true })
    redis.on('error', () => {}) // the command itself tells
    try {
      await redis.connect()
      return await act(redis)
    } finally {
      redis.disconnect()
    }
  }

  /** A line of INFO. */
  async info (section: string, name: string): Promise<string> {
    return await this.use(async redis => new RegExp(`^${name}:(.*)\r?$`, 'm').exec(await redis.info(section))?.[1]?.trim() ?? '')
  }

  /** Becomes a replica: takes over what another one knows, in place of what it knew. Resolves once it has. */
  async follow (other: PrivateRedis): Promise<void> {
    await this.use(async redis => {
      await redis.replicaof('127.0.0.1', other.port)
      while (!(await redis.info('replication')).includes('master_link_status:up')) await pause(20)
    })
  }

  /** Is a replica no more; keeps what it knows. */
  async lead (): Promise<void> {
    await this.use(async redis => { await redis.replicaof('NO', 'ONE') })
  }

  /** Bytes of the append-only file. */
  get written (): number {
    return statSync(this.#appended()).size
  }

  /** Of a dead Redis: forgets what was appended after the file had so many bytes. Half a command at the end is dropped at the next start. */
  cut (bytes: number): void {
    truncateSync(this.#appended(), bytes)
  }

  /** Copies the files of the running server, as a backup would. */
  backUp (to: string): void {
    cpSync(join(this.#folder, 'appendonlydir'), to, { recursive: true })
  }

  /** Of a dead Redis: takes the place of all it knew. */
  restore (from: string): void {
    rmSync(join(this.#folder, 'appendonlydir'), { recursive: true })
    cpSync(from, join(this.#folder, 'appendonlydir'), { recursive: true })
  }

  #appended (): string {
    const folder = join(this.#folder, 'appendonlydir')
    const name = readdirSync(folder).find(name => name.endsWith('.incr.aof'))
    if (name === undefined) throw new Error(`no append-only file in ${folder}`)
    return join(folder, name)
  }
}
