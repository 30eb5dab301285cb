import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@baton/testing'

const run = promisify(execFile)

/** Runs the server until its input ends, as it also does when this process dies, and ends it with an immediate shutdown. */
const untilInputEnds = '"$0" "$@" & read -r _; kill -QUIT $!; wait $!'

/** A PostgreSQL of the drills' own, with a database for each. It notes when each row was committed. */
export class PrivatePostgres {
  readonly #binaries: string
  readonly #folder: string
  readonly #port: number
  readonly #server: ChildProcess
  #databases = 0

  private constructor (own: { binaries: string, folder: string, port: number, server: ChildProcess }) {
    this.#binaries = own.binaries
    this.#folder = own.folder
    this.#port = own.port
    this.#server = own.server
  }

  /** Undefined where this machine has no PostgreSQL. */
  static async start (): Promise<PrivatePostgres | undefined> {
    const binaries = binariesFolder()
    if (binaries === undefined) return undefined
    const folder = mkdtempSync(join(tmpdir(), 'baton-drills-postgres-'))
    const owner = ownerOfServers()
    if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
    const how = { ...owner, cwd: folder }
    const data = join(folder, 'data')
    execFileSync(join(binaries, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], { ...how, stdio: 'ignore' })
    const port = await freePort()
    const server = spawn('sh', ['-c', untilInputEnds, join(binaries, 'postgres'), '-D', data, '-p', String(port), '-k', folder,
      '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'track_commit_timestamp=on', '-c', 'lc_messages=C'], { ...how, stdio: ['pipe', 'ignore', 'pipe'] })
    await new Promise<void>((resolve, reject) => {
      let said = ''
      server.once('exit', () => { reject(new Error(`postgres ended: ${said.slice(-1_000)}`)) })
      server.stderr.on('data', (chunk: Buffer) => { // read to the end of its life: a full pipe would stop the server
        said = (said + String(chunk)).slice(-10_000)
        if (said.includes('ready to accept connections')) resolve()
      })
    })
    return new PrivatePostgres({ binaries, folder, port, server })
  }

  async stop (): Promise<void> {
    this.#server.stdin?.end()
    if (this.#server.exitCode === null && this.#server.signalCode === null) await once(this.#server, 'exit')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get version (): string {
    return execFileSync(join(this.#binaries, 'postgres'), ['--version'], { encoding: 'utf8' }).trim()
  }

  /** Makes an empty database and answers its URL. */
  async database (): Promise<string> {
    const name = `drill_${++this.#databases}`
    await this.rows(this.#urlOf('postgres'), `CREATE DATABASE ${name}`)
    return this.#urlOf(name)
  }

  /** What a statement answers: rows of columns, as text. */
  async rows (url: string, statement: string): Promise<string[][]> {
    const { stdout } = await run(join(this.#binaries, 'psql'), ['-XAtq', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-c', statement, url], { maxBuffer: 1 << 30 })
    return stdout.split('\n').filter(line => line !== '').map(line => line.split('\t'))
  }

  #urlOf (database: string): string {
    return `postgres://postgres@127.0.0.1:${this.#port}/${database}`
  }
}

/** Where initdb, postgres and psql are: on the PATH, else where Debian and Homebrew keep them, the newest version first. */
function binariesFolder (): string | undefined {
  const versions = (folder: string, prefix = '') => (existsSync(folder) ? readdirSync(folder) : [])
    .filter(name => name.startsWith(prefix)).map(name => Number(name.slice(prefix.length))).filter(version => version >= 12).sort((a, b) => b - a)
  return [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions('/usr/lib/postgresql').map(version => `/usr/lib/postgresql/${version}/bin`),
    ...['/opt/homebrew/opt', '/usr/local/opt'].flatMap(folder => versions(folder, 'postgresql@').map(version => `${folder}/postgresql@${version}/bin`))
  ].find(folder => ['initdb', 'postgres', 'psql'].every(name => existsSync(join(folder, name))))
}

/** PostgreSQL refuses to run as root: root lends it another user. */
function ownerOfServers (): { uid: number, gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map(line => line.split(':'))
  const [, , uid, gid] = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody') ?? []
  if (uid === undefined || gid === undefined) throw new Error('PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody')
  return { uid: Number(uid), gid: Number(gid) }
}
