import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { freePort } from './free-port.ts'

export interface MariadbServer {
  /** `mysql://baton:secret@127.0.0.1:<port>/chat` */
  url: string
  /** Ends the server at once, as a crash would; its data stays. */
  stop: () => Promise<void>
  /** Starts it again, on the same port and data. */
  start: () => Promise<void>
}

/**
 * A MariaDB server of the test's own, gone when the test ends. Where this machine has no MariaDB the test is marked as
 * skipped, and the answer is undefined.
 */
export async function mariadbServer (t: Test): Promise<MariadbServer | undefined> {
  const binary = found('mariadbd', ['/usr/sbin/mariadbd', '/opt/homebrew/bin/mariadbd', '/usr/local/bin/mariadbd'])
  const installer = found('mariadb-install-db', ['/usr/bin/mariadb-install-db', '/opt/homebrew/bin/mariadb-install-db', '/usr/local/bin/mariadb-install-db'])
  if (binary === undefined || installer === undefined) {
    t.pass('needs MariaDB', { skip: 'NOT TESTED: there is no MariaDB server on this machine; install one (apt-get install mariadb-server, brew install mariadb)' })
    return undefined
  }
  const folder = mkdtempSync(join(tmpdir(), 'baton-mariadb-'))
  const data = join(folder, 'data')
  const asUser = process.getuid?.() === 0 ? ['--user=root'] : [] // it refuses to run as root unless told so
  execFileSync(installer, ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...asUser], { cwd: folder, stdio: 'ignore' })
  const first = join(folder, 'first.sql')
  writeFileSync(first, ["CREATE USER IF NOT EXISTS baton@'%' IDENTIFIED BY 'secret'", "GRANT ALL ON *.* TO baton@'%' WITH GRANT OPTION", 'CREATE DATABASE IF NOT EXISTS chat'].map(statement => `${statement};\n`).join(''))

  const port = await freePort()
  let server: ChildProcess | undefined
  let stopping = Promise.resolve()
  const start = async () => {
    await stopping // whoever saw its connection break may be quicker than the server's end
    server = await startServer(binary, [
      '--no-defaults', `--datadir=${data}`, `--port=${port}`, `--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`, `--init-file=${first}`,
      '--bind-address=127.0.0.1', '--skip-name-resolve', '--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=32M', ...asUser
    ], folder)
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
  return { url: `mysql://baton:secret@127.0.0.1:${port}/chat`, stop, start }
}

/** On the PATH, else where Debian and Homebrew keep it. */
function found (name: string, places: readonly string[]): string | undefined {
  const onPath = (process.env.PATH ?? '').split(':').map(folder => join(folder, name))
  return [...onPath, ...places].find(path => existsSync(path))
}

/** Runs the server until its input ends, as it also does when this process dies, and then kills it. */
const runUntilInputEnds = '"$0" "$@" & exec 2>&-; read -r _; kill -KILL $!; wait $!'

/** Resolves when the server says that it takes connections; rejects with what it said where it ends before. */
async function startServer (command: string, options: string[], cwd: string): Promise<ChildProcess> {
  const server = spawn('sh', ['-c', runUntilInputEnds, command, ...options], { cwd, stdio: ['pipe', 'ignore', 'pipe'] })
  const said: string[] = []
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // Read to the end of its life: a full pipe would stop the server.
    createInterface(server.stderr).on('line', line => {
      if (said.length < 100) said.push(line)
      if (line.includes('ready for connections')) resolve()
    }).once('close', () => reject(new Error(`mariadbd ended:\n${said.join('\n')}`)))
  })
  return server
}
