import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { freePort } from './free-port.ts'

export interface PostgresServer {
  /** `postgres://postgres:secret@127.0.0.1:<port>/postgres` */
  url: string
  /** Ends the server at once, as a crash would; its data stays. */
  stop: () => Promise<void>
  /** Starts it again, on the same port and data. */
  start: () => Promise<void>
}

/**
 * A PostgreSQL server of the test's own, gone when the test ends. Where this machine has no PostgreSQL the test is marked
 * as skipped, and the answer is undefined.
 */
export async function postgresServer (t: Test): Promise<PostgresServer | undefined> {
  const binaries = binariesFolder()
  if (binaries === undefined) {
    t.pass('needs PostgreSQL', { skip: 'NOT TESTED: there is no PostgreSQL server on this machine; install one (apt-get install postgresql, brew install postgresql)' })
    return undefined
  }
  const owner = ownerOfServers()
  const folder = mkdtempSync(join(tmpdir(), 'baton-postgres-'))
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, 'secret')
  if (owner !== undefined) chownSync(passwordFile, owner.uid, owner.gid)
  const data = join(folder, 'data')
  execFileSync(join(binaries, 'initdb'), [
    '-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile, '-E', 'UTF8', '--locale=C', '--no-sync'
  ], { ...owner, cwd: folder, stdio: 'ignore' })

  const port = await freePort()
  let server: ChildProcess | undefined
  let stopping = Promise.resolve()
  const start = async () => {
    await stopping // whoever saw its connection break may be quicker than the server's end
    server = await startServer(join(binaries, 'postgres'), [
      '-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'lc_messages=C'
    ], { ...owner, cwd: folder })
  }
  const stop = async () => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    stopping = once(server, 'exit').then(() => {})
    server.stdin?.end()
    await stopping
  }
  t.teardown(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return { url: `postgres://postgres:secret@127.0.0.1:${port}/postgres`, stop, start }
}

/** Where initdb and postgres are: on the PATH, else where Debian and Homebrew keep them, the newest version first. */
function binariesFolder (): string | undefined {
  const onPath = tryTo(() => execFileSync('sh', ['-c', 'dirname "$(command -v initdb)"'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim())
  const debian = versionsIn('/usr/lib/postgresql').map(version => `/usr/lib/postgresql/${version}/bin`)
  const homebrew = ['/opt/homebrew/opt', '/usr/local/opt'].flatMap(folder =>
    versionsIn(folder, 'postgresql@').map(version => `${folder}/postgresql@${version}/bin`))
  return [onPath, ...debian, ...homebrew].find(folder =>
    folder !== undefined && tryTo(() => ['initdb', 'postgres'].every(name => readdirSync(folder).includes(name))) === true)
}

const versionsIn = (folder: string, prefix = ''): number[] =>
  (tryTo(() => readdirSync(folder)) ?? [])
    .filter(name => name.startsWith(prefix))
    .map(name => Number(name.slice(prefix.length)))
    .filter(version => version >= 12)
    .sort((a, b) => b - a)

/** PostgreSQL refuses to run as root: root lends it another user. */
function ownerOfServers (): { uid: number, gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map(line => line.split(':'))
  const [, , uid, gid] = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody') ?? []
  if (uid === undefined || gid === undefined) throw new Error('PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody')
  return { uid: Number(uid), gid: Number(gid) }
}

/** Runs the server until its input ends, as it also does when this process dies, and ends it with an immediate shutdown. */
const runUntilInputEnds = '"$0" "$@" & exec 2>&-; read -r _; kill -QUIT $!; wait $!'

/** Resolves when the server says that it takes connections; rejects with what it said where it ends before. */
async function startServer (command: string, options: string[], how: { uid?: number, gid?: number, cwd: string }): Promise<ChildProcess> {
  const server = spawn('sh', ['-c', runUntilInputEnds, command, ...options], { ...how, stdio: ['pipe', 'ignore', 'pipe'] })
  const said: string[] = []
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // Read to the end of its life: a full pipe would stop the server.
    createInterface(server.stderr).on('line', line => {
      if (said.length < 100) said.push(line)
      if (line.includes('ready to accept connections')) resolve()
    }).once('close', () => reject(new Error(`postgres ended:\n${said.join('\n')}`)))
  })
  return server
}

function tryTo<T> (attempt: () => T): T | undefined {
  try {
    return attempt()
  } catch {
    return undefined
  }
}
